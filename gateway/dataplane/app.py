"""The data plane: serves every exchange under ``/api/``."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from gateway.dataplane.access_log import AccessLog
from gateway.dataplane.counters import RouteCounts
from gateway.dataplane.esb_door import EsbDoor
from gateway.dataplane.exchange import Exchange
from gateway.dataplane.gateway_door import GatewayDoor
from gateway.dataplane.governing import Governing
from gateway.dataplane.hosts import SystemHosts
from gateway.dataplane.journey import Journey
from gateway.dataplane.kept_exchange import KeptExchange
from gateway.dataplane.limits.limits import Limits
from gateway.dataplane.limits.shared_counts import SharedCounts
from gateway.dataplane.logins import Logins
from gateway.dataplane.recursion import Recursion
from gateway.dataplane.road import Road
from gateway.dataplane.steps.proofs import OwnAddresses, Proofs
from gateway.dataplane.upstream.guards import ServerState
from gateway.dataplane.usage import UsageCount
from gateway.snapshot.model.snapshot import SnapshotHolder
from kernel.signing.dpop_nonce import ServerNonces
from kernel.transport.client import TransportClient
from kernel.transport.coalescing import Outbox

MAX_BODY = 10 * 1024 * 1024

_ESB: Final = b"/api/c/"

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class DataPlane:
    """Serves from whatever snapshot ``snapshots`` holds when a call begins; one snapshot for the whole call.

    ``uvicorn.Config(data_plane, http=GatewayProtocol)`` serves it; as an ASGI application it only lives and ends.

    ``public_url`` is told in challenges (RFC 9728). ``max_body`` (bytes) bounds bodies that a step must read; others
    stream. ``access_log`` is a file to append to, ``-`` for standard output, or nothing. ``login_url`` is where a
    ``bk_token`` is checked; ``domain`` is what follows a system's name in host names. Where there is a ``redis_url``,
    rate limits and quotas are counted there. DPoP proofs need a nonce of ``nonces``, where there are any. ``clock``
    answers seconds since 1970. It belongs to one event loop; ``aclose`` closes what it opened. ``listens`` is told by
    the server, which knows; ``own_calls`` are those of this process that are under way, which no connection shows.
    """

    def __init__(
        self,
        snapshots: SnapshotHolder,
        client: TransportClient,
        *,
        public_url: str,
        max_body: int = MAX_BODY,
        trusted_proxies: frozenset[str] = frozenset(),
        access_log: str = "",
        login_url: str = "",
        domain: str = "",
        redis_url: str = "",
        nonces: ServerNonces | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        metadata = f'resource_metadata="{public_url.rstrip("/")}/.well-known/oauth-protected-resource"'
        self.listens = False
        self.own_calls: set[KeptExchange] = set()
        self.hosts = SystemHosts(domain, public_url) if domain else None
        self._client = client
        self._log = AccessLog(access_log) if access_log else None
        self._logins = Logins(login_url)
        self._shared_counts = SharedCounts(redis_url) if redis_url else None
        self._governing = Governing(Limits(snapshots, self._shared_counts))
        self._road = Road(
            snapshots,
            client,
            metadata,
            Proofs(OwnAddresses(public_url, domain), nonces),
            max_body,
            trusted_proxies,
            self._log,
            self._logins,
            Recursion(public_url),
            clock,
            self._governing,
        )
        self._gateway_door = GatewayDoor(self._road)
        self._esb_door = EsbDoor(self._road)

    @property
    def data_plane(self) -> "DataPlane":
        """Where ``GatewayProtocol`` looks for it."""
        return self

    @property
    def outbox(self) -> Outbox:
        """One for clients and upstreams."""
        return self._client.outbox

    def serve(self, exchange: Exchange) -> None:
        """Answers the exchange, now or later; raises nothing."""
        door = self._esb_door if exchange.raw_path.startswith(_ESB) else self._gateway_door
        journey = Journey(self._road, door, exchange)
        try:
            door.enter(journey)
        except Exception as problem:  # noqa: BLE001 - the last net: every end of a call is told and recorded
            journey.fail(problem)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            raise RuntimeError("the data plane is served by GatewayProtocol")
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif kind == "lifespan.shutdown":
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def aclose(self) -> None:
        if self._shared_counts is not None:
            await self._shared_counts.aclose()
        await self._road.checks.aclose()
        await self._client.aclose()
        await self._logins.aclose()
        if self._log is not None:
            await asyncio.to_thread(self._log.close)

    def snapshot_of_counters(self) -> list[RouteCounts]:
        """Counts since start, for whoever exports them."""
        return self._road.counters.snapshot()

    def limit_failures(self) -> dict[str, int]:
        """Calls admitted and refused while the shared counters of limits could not be reached."""
        return dict(self._governing.limits.failures)

    def server_states(self) -> list[ServerState]:
        """Of upstreams with several servers: who is up, and how busy, as this process sees it."""
        return self._road.guards.states()

    def take_usage(self) -> list[UsageCount]:
        """Calls by release, component and app since the last time it was asked."""
        return self._road.counters.usage.take()
