"""Setting quotas, and telling how much of them is used."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.db.database import after_commit
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.quotas import repository
from orchestrator.quotas.models import ProjectQuota
from orchestrator.quotas.repository import EVERYWHERE

_MINUTE: Final = timedelta(minutes=1)
NAMES: Final = ("running_tasks", "queued_tasks", "launches_per_minute", "calls_at_once")


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit."""

    running_tasks: int | None = None
    queued_tasks: int | None = None
    launches_per_minute: int | None = None
    calls_at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Attributes:
    limits: what holds.
    own: whether the project has quotas of its own.
    running, queued, launched: tasks now; launched in the last minute.
    """

    limits: Limits
    own: bool
    running: int = 0
    queued: int = 0
    launched: int = 0


class QuotaService:
    """Set by administrators, seen by whoever sees the project. `project` none means all without their own.

    Args:
        changed: called once a change is durable.
    """

    def __init__(
        self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock
        self._changed = changed

    async def get(self, session: AsyncSession, principal: Principal, project: str | None) -> Standing:
        if project is None:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
            return await self._standing(session, EVERYWHERE)
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, project_resource(found.id))
        return await self._standing(session, found.id)

    async def overview(self, session: AsyncSession, principal: Principal) -> list[tuple[ProjectSummary, Standing]]:
        """Projects that have quotas of their own, or tasks now; by their codes."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        rows = {row.project_id: row for row in await repository.all_quotas(session)}
        running = await repository.under_way_by_project(session)
        queued = await repository.queued_by_project(session)
        launched = await repository.launched_by_project(session, self._clock.now() - _MINUTE)
        for_all = rows.pop(EVERYWHERE, None)
        found = []
        for place in rows.keys() | running.keys() | queued.keys() | launched.keys():
            row = rows.get(place, for_all)
            limits = Limits() if row is None else Limits(**_plain(row))
            numbers = (each.get(place, 0) for each in (running, queued, launched))
            with suppress(NotFound):  # a project that is gone leaves its tasks behind
                found.append((await self._projects.find(session, place), Standing(limits, place in rows, *numbers)))
        return sorted(found, key=lambda each: each[0].code)

    async def put(self, session: AsyncSession, principal: Principal, project: str | None, limits: Limits) -> Standing:
        """Replaces the quotas of one place as a whole."""
        place = await self._place(session, principal, project)
        row = await session.get(ProjectQuota, place, with_for_update=True)
        before = None if row is None else _plain(row)
        if row is None:
            row = ProjectQuota(project_id=place, updated_by="", updated_at=self._clock.now())
            session.add(row)
        for name in NAMES:
            setattr(row, name, getattr(limits, name))
        row.updated_by, row.updated_at = principal.id, self._clock.now()
        self._audit(session, principal, place, before, _plain(row))
        await session.flush()
        return await self._standing(session, place)

    async def remove(self, session: AsyncSession, principal: Principal, project: str | None) -> Standing:
        """Takes them away: what holds for all holds again."""
        place = await self._place(session, principal, project)
        row = await session.get(ProjectQuota, place, with_for_update=True)
        if row is not None:
            self._audit(session, principal, place, _plain(row), None)
            await session.delete(row)
            await session.flush()
        return await self._standing(session, place)

    async def _place(self, session: AsyncSession, principal: Principal, project: str | None) -> str:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return EVERYWHERE if project is None else (await self._projects.find(session, project)).id

    async def _standing(self, session: AsyncSession, place: str) -> Standing:
        row = await repository.quota_of(session, place)
        limits = Limits() if row is None else Limits(**_plain(row))
        if place == EVERYWHERE:
            return Standing(limits, row is not None)
        since = self._clock.now() - _MINUTE
        return Standing(
            limits,
            row is not None and row.project_id == place,
            await repository.count_under_way(session, place),
            await repository.count_queued(session, place),
            len(await repository.launched_since(session, place, since)),
        )

    def _audit(
        self,
        session: AsyncSession,
        principal: Principal,
        place: str,
        before: dict[str, int | None] | None,
        after: dict[str, int | None] | None,
    ) -> None:
        action = "quotas.removed" if after is None else "quotas.changed"
        resource, project = place or "platform", place or None
        record(session, principal, action, "quotas", resource, before=before, after=after, project_id=project)
        after_commit(session, self._changed)


def _plain(row: ProjectQuota) -> dict[str, int | None]:
    return {name: getattr(row, name) for name in NAMES}
