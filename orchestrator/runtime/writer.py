"""Group commit: whatever transitions gather while one transaction is under way go into the next."""

import asyncio
from collections.abc import Callable

import structlog

from kernel.clock import Clock
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.store import Store, StoreBusy, TaskWrite

_log = structlog.get_logger()
_MAX_BATCH = 500
_MAX_RUNS = 2_000
"""Node runs of a batch: memory grows with what is written at once, and the first wait for the last."""
_Item = tuple[TaskActor, TaskWrite]


class Writer:
    """Writes for all actors of a worker.

    Args:
        on_committed: told the id of each task whose transitions became durable.
        busy_seconds: before a database that was away is tried again.
    """

    def __init__(self, store: Store, clock: Clock, on_committed: Callable[[str], None], busy_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._on_committed = on_committed
        self._busy_seconds = busy_seconds
        self._queue: list[_Item] = []
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
                again = await self._commit(self._next_batch())
                if again:
                    self._queue = again + self._queue
                    await asyncio.sleep(self._busy_seconds)

    def _next_batch(self) -> list[_Item]:
        """At least one task's write, however many runs it has."""
        taken = runs = 0
        for _, write in self._queue[:_MAX_BATCH]:
            runs += len(write.runs)
            if taken and runs > _MAX_RUNS:
                break
            taken += 1
        batch, self._queue = self._queue[:taken], self._queue[taken:]
        return batch

    async def _commit(self, batch: list[_Item]) -> list[_Item]:
        """What could not be written for now."""
        try:
            owned = await self._store.commit([write for _, write in batch], self._clock.now())
        except StoreBusy as error:
            _log.warning("task_store_busy", reason=str(error), tasks=len(batch))
            return batch
        except Exception as error:  # noqa: BLE001  what one task's rows provoke must not stop the others
            return await self._commit_apart(batch, error)
        for actor, _ in batch:
            if actor.facts.id in owned:
                actor.committed()
                self._tell(actor.facts.id)
            else:
                actor.lost()
        return []

    async def _commit_apart(self, batch: list[_Item], error: Exception) -> list[_Item]:
        """Finds the task the database will not take, and lets it fail alone."""
        if len(batch) == 1:
            batch[0][0].broke(error)
            return []
        return [left for item in batch for left in await self._commit([item])]

    def _tell(self, task_id: str) -> None:
        try:
            self._on_committed(task_id)
        except Exception as error:  # noqa: BLE001  a listener's trouble is not the writer's
            _log.error("task_listener_failed", task=task_id, exc_info=error)
