"""A worker's life as others see it, and the others' as it sees theirs."""

import asyncio
import zlib
from datetime import timedelta
from pathlib import Path

import structlog

from kernel.background import Repeating
from kernel.clock import Clock
from orchestrator.runtime.liveness import HOST, LifeSign, surely_dead
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.store import Store, StoreBusy, WorkerRow

_log = structlog.get_logger()
_FORGET = timedelta(hours=1)


class Presence:
    """Renews the lease; ends at once the leases of workers of this machine that died; shares tasks out.

    Attributes:
        alive_until: until when others surely see that this worker lives.
    """

    def __init__(self, store: Store, clock: Clock, worker: str, folder: Path | None, pace: Pace) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker
        self._lease = timedelta(seconds=pace.lease)
        self._sign = LifeSign(folder, worker)
        self._beats = Repeating("worker lease", pace.beat, self._beat_or_wait)
        self._living = [worker]
        self.alive_until = clock.now()

    async def start(self) -> None:
        """Raises:
        StoreBusy: nobody would know of this worker.
        """
        await asyncio.to_thread(self._sign.show)
        await self._beat()
        self._beats.start()

    async def stop(self) -> None:
        """Gives the lease back: the tasks are free at once."""
        await self._beats.stop()
        try:
            await self._store.forget_worker(self._worker)
        finally:
            self._sign.end()

    def falls_to_us(self, task_id: str) -> bool:
        """By a rule all workers go by, so that not each of them reaches for every task that is found."""
        return self._living[zlib.crc32(task_id.encode()) % len(self._living)] == self._worker

    async def _beat_or_wait(self) -> bool:
        try:
            await self._beat()
        except StoreBusy as error:
            _log.warning("task_store_busy", reason=str(error))
        return False

    async def _beat(self) -> None:
        now = self._clock.now()
        until = now + self._lease
        await self._store.beat(WorkerRow(self._worker, HOST, self._sign.path, until), now)
        self.alive_until = until
        living = [self._worker]
        for other in await self._store.workers():
            if other.id == self._worker:
                continue
            if other.alive_until < now - _FORGET or await asyncio.to_thread(surely_dead, other):
                await self._store.forget_worker(other.id)
            elif other.alive_until > now:
                living.append(other.id)
        self._living = sorted(living)
