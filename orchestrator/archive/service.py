"""Tasks in the archive as people see them, and how long tasks stay out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import NotFound
from kernel.ids import is_id
from kernel.principal import Principal
from orchestrator.archive import repository
from orchestrator.archive.models import ArchivedTask, Retention
from orchestrator.archive.packing import Record, unpack
from orchestrator.flows.resources import project_resource, task_resource


@dataclass(frozen=True, slots=True)
class Kept:
    """Attributes:
    days, archive_days: see `Retention`.
    own: the project says so itself; otherwise the platform's settings hold.
    """

    days: int | None
    archive_days: int | None
    own: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A task of the archive, with the definition it ran by."""

    row: ArchivedTask
    record: Record
    definition: Mapping[str, Any]


class ArchiveService:
    """Read by `task.view`, as tasks are; retention is set by `project.manage`.

    Args:
        days, archive_days: the platform's settings; 0 keeps tasks, and the archive, for ever.
    """

    def __init__(
        self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock, days: int, archive_days: int = 0
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock
        self._platform = Kept(days or None, archive_days or None, own=False)

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> PageOf[ArchivedTask]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(found.id))
        return await repository.list_archived(session, col(ArchivedTask.project_id) == found.id, page)

    async def get(self, session: AsyncSession, principal: Principal, task_id: str) -> Story:
        """Raises:
        NotFound: the archive has no such task.
        """
        row = await repository.find_archived(session, task_id) if is_id(task_id) else None
        if row is None:
            raise NotFound(f"The archive has no task {task_id!r}")
        await self._authorizer.require(session, principal, Action.TASK_VIEW, task_resource(row))
        return Story(row, unpack(row.record), await repository.definition(session, row.definition_id))

    async def retention(self, session: AsyncSession, principal: Principal, project: str) -> Kept:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, project_resource(found.id))
        return self._kept(await session.get(Retention, found.id))

    async def set_retention(
        self, session: AsyncSession, principal: Principal, project: str, days: int | None, archive_days: int | None
    ) -> Kept:
        """Says both for the project."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_MANAGE, project_resource(found.id))
        row = await session.get(Retention, found.id, with_for_update=True)
        before = _plain(self._kept(row))
        if row is None:
            row = Retention(project_id=found.id, updated_by="", updated_at=self._clock.now())
            session.add(row)
        row.days, row.archive_days = days, archive_days
        await self._changed(session, principal, row, before)
        return self._kept(row)

    async def reset_retention(self, session: AsyncSession, principal: Principal, project: str) -> Kept:
        """Has the platform's settings hold again."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_MANAGE, project_resource(found.id))
        row = await session.get(Retention, found.id, with_for_update=True)
        if row is not None:
            before = _plain(self._kept(row))
            await session.delete(row)
            record(
                session, principal, "retention.removed", "project", found.id,
                before=before, after=_plain(self._platform), project_id=found.id,
            )  # fmt: skip
            await session.flush()
        return self._platform

    async def _changed(
        self, session: AsyncSession, principal: Principal, row: Retention, before: dict[str, int | None]
    ) -> None:
        row.updated_by, row.updated_at = principal.id, self._clock.now()
        record(
            session, principal, "retention.changed", "project", row.project_id,
            before=before, after=_plain(self._kept(row)), project_id=row.project_id,
        )  # fmt: skip
        await session.flush()

    def _kept(self, row: Retention | None) -> Kept:
        return self._platform if row is None else Kept(row.days, row.archive_days, own=True)


def _plain(kept: Kept) -> dict[str, int | None]:
    return {"days": kept.days, "archive_days": kept.archive_days}
