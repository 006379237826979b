"""Moves tasks that ended long ago out of the runtime's tables, and in the end out of the archive, a few at a time."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record as record_audit
from kernel.background import Repeating
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import system_principal
from orchestrator.archive import repository
from orchestrator.archive.models import ArchivedTask, Retention
from orchestrator.archive.packing import pack
from orchestrator.runtime.models import Task

_log = structlog.get_logger()
_SECONDS: Final = 300.0
_AT_ONCE: Final = 20
_PART: Final = system_principal("task archive")


class _Look(Protocol):
    """What finds ids of tasks whose time is over; see `repository.archivable`."""

    async def __call__(
        self, session: AsyncSession, before: datetime, /, *, of: str | None, but: Collection[str], limit: int
    ) -> list[str]: ...


class Archiver:
    """What is archived is read and compressed outside of any transaction; each task then moves in one of its own.

    Args:
        days: of projects that say nothing themselves; 0 keeps their tasks for ever.
        archive_days: of the same, how long after that; 0 keeps the archive for ever.
    """

    def __init__(self, database: Database, clock: Clock, days: int, archive_days: int = 0) -> None:
        self._database = database
        self._clock = clock
        self._days = days
        self._archive_days = archive_days
        self._work = Repeating("task archive", _SECONDS, self.work, at_once=False)

    def start(self) -> None:
        self._work.start()

    async def stop(self) -> None:
        await self._work.stop()

    async def work(self) -> bool:
        """Archives and removes a few; answers whether there may be more."""
        archived = await self.archive_some()
        return await self.remove_some() or archived

    async def archive_some(self) -> bool:
        """A few of each project; answers whether there may be more."""
        own = await self._own()
        days = {place: said.days for place, said in own.items()}
        moved = [await self.archive(name) for name in await self._due(repository.archivable, days, self._days)]
        if any(moved):
            _log.info("tasks_archived", tasks=sum(moved))
        return any(moved)

    async def remove_some(self) -> bool:
        """A few of each project that were in the archive as long as they are to; answers whether there may be more."""
        own = await self._own()
        days = {place: said.archive_days for place, said in own.items()}
        removed = [await self.remove(name) for name in await self._due(repository.removable, days, self._archive_days)]
        if any(removed):
            _log.info("archived_tasks_removed", tasks=sum(removed))
        return any(removed)

    async def _own(self) -> dict[str, Retention]:
        async with self._database.reading() as session:
            return {row.project_id: row for row in await repository.retentions(session)}

    async def _due(self, look: _Look, own: Mapping[str, int | None], others: int) -> list[str]:
        """Ids of tasks whose time is over.

        Args:
            own: project → days it says itself.
            others: days of all other projects.
        """
        now, found = self._clock.now(), []
        async with self._database.reading() as session:
            for place, days in own.items():
                if days:
                    found += await look(session, now - timedelta(days=days), of=place, but=(), limit=_AT_ONCE)
            if others:
                found += await look(session, now - timedelta(days=others), of=None, but=own, limit=_AT_ONCE)
        return found

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
            before = {"finished_at": _written(task.finished_at), "state": task.state}
            record_audit(session, _PART, "task.archived", "task", task.id, before=before, project_id=task.project_id)
        return True

    async def remove(self, task_id: str) -> bool:
        """Removes one task from the archive, unless another worker has; the audit log keeps what it was."""
        async with self._database.unit_of_work() as session:
            row = await repository.take_out(session, task_id)
            if row is None:
                return False
            before = {
                "name": row.name,
                "flow": row.flow_id,
                "state": row.state,
                "finished_at": _written(row.finished_at),
                "archived_at": _written(row.archived_at),
            }
            record_audit(
                session, _PART, "archived_task.removed", "task", row.id, before=before, project_id=row.project_id
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


def _written(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else ""
