"""The data plane as an ASGI application; it serves everything under ``/api/``."""

import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from gateway.dataplane.answer import Send
from gateway.dataplane.body import Receive
from gateway.dataplane.counters import AccessRecord, RouteCounts
from gateway.dataplane.esb_door import serve_esb
from gateway.dataplane.gateway_door import refuse, serve_gateway
from gateway.dataplane.request_ids import request_id_of
from gateway.dataplane.road import Road
from gateway.dataplane.usage import UsageCount
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.codes import INTERNAL
from gateway.wire.refusal import Refusal
from kernel.transport.client import TransportClient

PREFIX = "/api/"
MAX_BODY = 10 * 1024 * 1024

_ESB = b"/api/c/"
_LOG = logging.getLogger(__name__)


class DataPlane:
    """Serves from whatever snapshot ``snapshots`` holds when a call begins; one snapshot for the whole call.

    ``public_url`` is told in challenges (RFC 9728). ``max_body`` (bytes) bounds bodies that a step must read; others
    stream. ``clock`` answers seconds since 1970. It belongs to one event loop; ``aclose`` closes the client.
    """

    def __init__(
        self,
        snapshots: SnapshotHolder,
        client: TransportClient,
        *,
        public_url: str,
        max_body: int = MAX_BODY,
        trusted_proxies: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        challenge = f'Bearer resource_metadata="{public_url.rstrip("/")}/.well-known/oauth-protected-resource"'
        self._client = client
        self._road = Road(snapshots, client, challenge, max_body, trusted_proxies, clock)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
            serve = serve_esb if raw_path.startswith(_ESB) else serve_gateway
            try:
                await serve(self._road, scope, raw_path, receive, send)
            except Exception:  # noqa: BLE001 - the last net: a fault of ours is told without detail
                # When the answer has begun already, the server ends the connection.
                _LOG.exception("a call failed inside the gateway")
                await refuse(send, Refusal(INTERNAL), request_id_of(None))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def aclose(self) -> None:
        await self._client.aclose()

    def snapshot_of_counters(self) -> list[RouteCounts]:
        """Counts since start, for whoever exports them."""
        return self._road.counters.snapshot()

    def take_usage(self) -> list[UsageCount]:
        """Calls by release, component and app since the last time it was asked."""
        return self._road.counters.usage.take()

    def recent_calls(self) -> list[AccessRecord]:
        """The last calls, oldest first, up to a bound; they hold no credential."""
        return list(self._road.counters.recent())

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif kind == "lifespan.shutdown":
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return
