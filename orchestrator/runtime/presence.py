"""A worker's life as others see it, and the others' as it sees theirs."""

import asyncio
from datetime import timedelta
from pathlib import Path

from kernel.background import Repeating
from kernel.clock import Clock
from orchestrator.runtime.liveness import HOST, LifeSign, surely_dead
from orchestrator.runtime.store import Store, WorkerRow

LEASE_SECONDS = 10.0
_BEAT_SECONDS = 2.0
_FORGET = timedelta(hours=1)


class Presence:
    """Renews the lease; ends at once the leases of workers of this machine that died."""

    def __init__(self, store: Store, clock: Clock, worker: str, folder: Path | None) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker
        self._sign = LifeSign(folder, worker)
        self._beats = Repeating("worker lease", _BEAT_SECONDS, self._beat)

    async def start(self) -> None:
        await asyncio.to_thread(self._sign.show)
        await self._beat()
        self._beats.start()

    async def stop(self) -> None:
        """Gives the lease back: the tasks are free at once."""
        await self._beats.stop()
        await self._store.forget_worker(self._worker)
        self._sign.end()

    async def _beat(self) -> bool:
        now = self._clock.now()
        until = now + timedelta(seconds=LEASE_SECONDS)
        await self._store.beat(WorkerRow(self._worker, HOST, self._sign.path, until), now)
        await self._forget_the_dead()
        return False

    async def _forget_the_dead(self) -> None:
        for other in await self._store.workers():
            long_gone = other.alive_until < self._clock.now() - _FORGET
            if other.id != self._worker and (long_gone or await asyncio.to_thread(surely_dead, other)):
                await self._store.forget_worker(other.id)
