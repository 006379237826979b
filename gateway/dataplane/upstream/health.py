"""Active health checks: each serving process asks the servers of its upstreams now and then, off the road."""

import asyncio
import logging
import random

from gateway.dataplane.upstream.fleet import Fleet
from gateway.dataplane.upstream.servers import Server
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.snapshot.model.upstreams import ActiveCheck
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.request import encode_head

Place = tuple[str, str, str]
"""System, stage and upstream."""

_LONGEST = 64 * 1024
_HEADERS = [(b"user-agent", b"trunkline-health")]
_JITTER = 0.1
_LOG = logging.getLogger(__name__)


class HealthChecks:
    """An upstream is watched from its first call until the snapshot has it no longer, or has another one instead."""

    def __init__(self, client: TransportClient, snapshots: SnapshotHolder) -> None:
        self._client = client
        self._snapshots = snapshots
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self, place: Place, fleet: Fleet) -> None:
        check = fleet.upstream.active
        if check is None:
            for server in fleet.servers:
                server.is_healthy = True
            return
        task = asyncio.get_running_loop().create_task(self._run(place, fleet, check), name="upstream health")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, place: Place, fleet: Fleet, check: ActiveCheck) -> None:
        while self.is_served(place, fleet):
            await asyncio.gather(*(self._check(server, check) for server in fleet.servers))
            # Processes that began together must not ask together for ever.
            await asyncio.sleep(check.interval * (1 + random.uniform(-_JITTER, _JITTER)))  # noqa: S311 - no secret

    def is_served(self, place: Place, fleet: Fleet) -> bool:
        """Whether the snapshot of the moment has this very upstream."""
        system, stage, name = place
        shard = self._snapshots.current.systems.get(system)
        served = shard.stages.get(stage) if shard is not None else None
        return served is not None and served.settings.upstreams.get(name) == fleet.upstream

    async def _check(self, server: Server, check: ActiveCheck) -> None:
        was_healthy = server.is_healthy
        server.checked(check, is_well=await self._is_well(server, check))
        if server.is_healthy != was_healthy:
            _LOG.warning(
                "%s is %s", server.origin_text, "healthy again" if server.is_healthy else "taken for unhealthy"
            )

    async def _is_well(self, server: Server, check: ActiveCheck) -> bool:
        head = encode_head("GET", check.path, server.origin.authority, _HEADERS)
        timeouts = Timeouts(check.timeout, check.timeout, check.timeout)
        try:
            response = await self._client.send(server.origin, "GET", head, b"", timeouts)
            await response.read(_LONGEST)
        except TransportError:
            return False
        return response.status in check.statuses
