"""Moves tasks that ended long ago out of the runtime's tables, a few at a time, beside the engine."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Final

import structlog

from kernel.audit.log import record as record_audit
from kernel.background import Repeating
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import system_principal
from orchestrator.archive import repository
from orchestrator.archive.models import ArchivedTask
from orchestrator.archive.packing import pack
from orchestrator.runtime.models import Task

_log = structlog.get_logger()
_SECONDS: Final = 300.0
_AT_ONCE: Final = 20


class Archiver:
    """What is archived is read and compressed outside of any transaction; each task then moves in one of its own.

    Args:
        days: of projects that say nothing themselves; 0 keeps their tasks for ever.
    """

    def __init__(self, database: Database, clock: Clock, days: int) -> None:
        self._database = database
        self._clock = clock
        self._days = days
        self._work = Repeating("task archive", _SECONDS, self.archive_some)

    def start(self) -> None:
        self._work.start()

    async def stop(self) -> None:
        await self._work.stop()

    async def archive_some(self) -> bool:
        """A few of each project; answers whether there may be more."""
        async with self._database.reading() as session:
            own = {row.project_id: row.days for row in await repository.retentions(session)}
        found = [name for place, days in own.items() if days for name in await self._due(days, of=place)]
        if self._days:
            found += await self._due(self._days, but=own)
        moved = [await self.archive(name) for name in found]
        if any(moved):
            _log.info("tasks_archived", tasks=sum(moved))
        return any(moved)

    async def _due(self, days: int, *, of: str | None = None, but: Collection[str] = ()) -> list[str]:
        before = self._clock.now() - timedelta(days=days)
        async with self._database.reading() as session:
            return await repository.archivable(session, before, of=of, but=but, limit=_AT_ONCE)

    async def archive(self, task_id: str) -> bool:
        """Moves one task, unless it has changed meanwhile or another worker has moved it."""
        async with self._database.reading() as session:
            read = await repository.read(session, task_id)
        if read is None:
            return False
        task, record = read
        packed = await asyncio.to_thread(pack, record)
        async with self._database.unit_of_work() as session:
            if not await repository.remove(session, task):
                return False
            session.add(self._archived(task, packed))
            principal = system_principal("task archive")
            before = {"finished_at": f"{task.finished_at:%Y-%m-%dT%H:%M:%SZ}", "state": task.state}
            record_audit(
                session, principal, "task.archived", "task", task.id, before=before, project_id=task.project_id
            )
        return True

    def _archived(self, task: Task, packed: bytes) -> ArchivedTask:
        now = self._clock.now()
        return ArchivedTask(
            id=task.id,
            project_id=task.project_id,
            flow_id=task.flow_id,
            flow_name=task.flow_name,
            revision=task.revision,
            name=task.name,
            state=task.state,
            created_by=task.created_by,
            common=task.common,
            created_at=task.created_at,
            started_at=task.started_at,
            finished_at=task.finished_at or now,
            archived_at=now,
            definition_id=task.definition_id,
            record=packed,
        )
