"""Group commit: whatever transitions gather while one transaction is under way go into the next."""

import asyncio
from collections.abc import Callable

import structlog

from kernel.clock import Clock
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.store import Store, StoreBusy, TaskWrite

_log = structlog.get_logger()
_MAX_BATCH = 500
_RETRY_SECONDS = 0.25


class Writer:
    """Writes for all actors of a worker.

    Args:
        on_committed: told the id of each task whose transitions became durable.
    """

    def __init__(self, store: Store, clock: Clock, on_committed: Callable[[str], None]) -> None:
        self._store = store
        self._clock = clock
        self._on_committed = on_committed
        self._queue: list[tuple[TaskActor, TaskWrite]] = []
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="task writer")

    async def stop(self) -> None:
        """Ends after the commit under way. What is still queued was promised to nobody, and is done again."""
        self._stopping = True
        self._filled.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def put(self, actor: TaskActor, write: TaskWrite) -> None:
        self._queue.append((actor, write))
        self._filled.set()

    async def _run(self) -> None:
        while not self._stopping:
            await self._filled.wait()
            self._filled.clear()
            while self._queue and not self._stopping:
                batch = self._take()
                if not await self._commit(batch):
                    self._queue = batch + self._queue
                    await asyncio.sleep(_RETRY_SECONDS)

    def _take(self) -> list[tuple[TaskActor, TaskWrite]]:
        batch, self._queue = self._queue[:_MAX_BATCH], self._queue[_MAX_BATCH:]
        return batch

    async def _commit(self, batch: list[tuple[TaskActor, TaskWrite]]) -> bool:
        try:
            owned = await self._store.commit([write for _, write in batch], self._clock.now())
        except StoreBusy as error:
            _log.warning("task_store_busy", reason=str(error), tasks=len(batch))
            return False
        for actor, _ in batch:
            if actor.facts.id in owned:
                actor.committed()
                self._on_committed(actor.facts.id)
            else:
                actor.lost()
        return True
