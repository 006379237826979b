"""Opens the event streams of this process."""

from collections.abc import AsyncGenerator

from kernel.db.database import Database
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.feed import TaskFeed
from orchestrator.tasks.stream import Batch, stream


class Feeds:
    """Streams that end by themselves when their task has ended or the process stops."""

    def __init__(self, database: Database, changes: TaskChanges) -> None:
        self._database = database
        self._changes = changes

    async def open(self, task_id: str, last_seen: int | None) -> AsyncGenerator[bytes, None] | None:
        """The task's events, or none when a client that comes back has seen them all."""
        feed = TaskFeed(self._database, task_id)
        first = await (feed.snapshot() if last_seen is None else feed.since(last_seen, joining=True))
        if first.final and not first.messages:
            return None
        return self._stream(task_id, feed, first)

    async def _stream(self, task_id: str, feed: TaskFeed, first: Batch) -> AsyncGenerator[bytes, None]:
        with self._changes.listen(task_id) as changed:
            async for chunk in stream(feed.since, changed, self._changes.closing, first):
                yield chunk
