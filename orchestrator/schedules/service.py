"""Schedules as people keep them: seen by who sees the flow, changed by their owner and by who edits the flow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource
from kernel.contracts.projects import ProjectDirectory
from kernel.db.database import after_commit
from kernel.db.pages import PageOf, PageRequest
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource, reach_of, used_flow_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.launch.forms import launch_form
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.schedules import repository
from orchestrator.schedules.errors import ScheduleOver, TooManySchedules
from orchestrator.schedules.firing import ScheduleFiring, times_of
from orchestrator.schedules.models import Schedule, ScheduleRun
from orchestrator.schedules.overlap import Overlap
from orchestrator.schedules.times import Missed, Times, check_times
from orchestrator.secret_inputs.service import SecretInputs, kept_where_hidden
from orchestrator.versions import note_change, require_version

MOST_IN_A_PROJECT: Final = 500
NOT_STARTED: Final = "not_started"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a schedule is to be; see `Schedule`."""

    name: str
    times: Times
    inputs: Mapping[str, Any]
    revision: int | None
    leave_out: tuple[str, ...]
    missed: Missed
    overlap: Overlap
    enabled: bool
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    schedule: Schedule
    last_run: ScheduleRun | None


@dataclass(frozen=True, slots=True)
class SeenPage:
    items: list[Seen]
    next: str | None


class ScheduleService:
    """Args:
    ring: says that something may be due sooner than was known.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        launches: LaunchService,
        secrets: SecretInputs,
        firing: ScheduleFiring,
        clock: Clock,
        ring: Callable[[], None],
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._launches = launches
        self._secrets = secrets
        self._firing = firing
        self._clock = clock
        self._ring = ring

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, flow: str | None, page: PageRequest
    ) -> SeenPage:
        """All of a project, or of one of its flows."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        where = col(Schedule.project_id) == found.id
        if flow is not None:
            where &= col(Schedule.flow_id) == flow
        return await self._seen(session, await repository.list_schedules(session, where, page))

    async def list_own(self, session: AsyncSession, principal: Principal, page: PageRequest) -> SeenPage:
        """Those that start tasks for the caller: everybody may see his own, as far as his credential counts."""
        self._authorizer.require_credential(principal, Action.FLOW_VIEW, reach_of(principal))
        where = col(Schedule.owner) == principal.id
        if principal.confined_to is not None:
            where &= col(Schedule.project_id) == principal.confined_to
        return await self._seen(session, await repository.list_schedules(session, where, page))

    async def get(self, session: AsyncSession, principal: Principal, schedule_id: str, *, lock: bool = False) -> Seen:
        """Args:
        lock: nobody else changes it until the transaction ends.
        """
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_VIEW, lock=lock)
        return Seen(schedule, (await repository.last_runs(session, [schedule.id])).get(schedule.id))

    async def runs(
        self, session: AsyncSession, principal: Principal, schedule_id: str, page: PageRequest
    ) -> PageOf[ScheduleRun]:
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_VIEW)
        return await repository.runs_page(session, schedule.id, page)

    def preview(self, times: Times, count: int) -> Sequence[datetime]:
        """The next times at which a schedule would be due. Raises Invalid, naming the field."""
        now = self._clock.now()
        check_times(times, now)
        return times.upcoming(now, count)

    async def create(
        self, session: AsyncSession, principal: Principal, flow_id: str, wanted: Wanted, project: str | None = None
    ) -> Seen:
        """Args:
            project: see `LaunchRequest`.

        Raises:
            PermissionDenied: the caller may not launch the flow there.
            Invalid: naming each wrong field.
            TooManySchedules: the project has as many as it may have.
        """
        project_id = await self._fitting(session, principal, flow_id, wanted, project)
        if await repository.count_in_project(session, project_id) >= MOST_IN_A_PROJECT:
            raise TooManySchedules(f"The project has {MOST_IN_A_PROJECT} schedules; delete one that nobody needs")
        now, schedule_id = self._clock.now(), new_id()
        wanted = await self._sealed(session, schedule_id, flow_id, wanted)
        common = (await require_flow(session, flow_id)).project_id != project_id
        schedule = Schedule(
            id=schedule_id, project_id=project_id, flow_id=flow_id, common=common, created_by=principal.id,
            created_at=now, updated_by=principal.id, updated_at=now, **_columns(principal, wanted),
        )  # fmt: skip
        self._set_next(session, schedule)
        session.add(schedule)
        await session.flush()
        self._record(session, principal, "schedule.created", schedule, after=_facts(schedule))
        return Seen(schedule, None)

    async def replace(
        self, session: AsyncSession, principal: Principal, schedule_id: str, wanted: Wanted, version: int
    ) -> Seen:
        """Whoever changes what is started becomes the person for whom: nobody acts with another's rights.

        Args:
            version: of the schedule that the change was made from.

        Raises:
            PermissionDenied: the caller neither owns it nor edits the flow, or may not launch.
            Invalid: naming each wrong field.
            StaleVersion: somebody else changed it since; nothing is overwritten.
            ScheduleOver: its one start has come.
        """
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_EDIT, lock=True)
        require_version(schedule, version)
        if schedule.cron is None and schedule.state != NOT_STARTED:
            raise ScheduleOver("Its time has come already; make another schedule")
        schema = await self._schema(session, schedule.flow_id, wanted)
        wanted = replace(wanted, inputs=kept_where_hidden(schema, wanted.inputs, schedule.inputs))
        await self._fitting(session, principal, schedule.flow_id, wanted, schedule.project_id)
        wanted = await self._sealed(session, schedule.id, schedule.flow_id, wanted)
        await self._secrets.forget(session, schedule.id, wanted.inputs)
        before = _facts(schedule)
        for name, value in _columns(principal, wanted).items():
            setattr(schedule, name, value)
        self._changed(principal, schedule)
        self._set_next(session, schedule)
        self._record(session, principal, "schedule.changed", schedule, before=before, after=_facts(schedule))
        return Seen(schedule, (await repository.last_runs(session, [schedule.id])).get(schedule.id))

    async def switch(self, session: AsyncSession, principal: Principal, schedule_id: str, *, enabled: bool) -> Seen:
        """Enabled again, it is due from now on: what passed while it was off is not made good.

        Raises:
            ScheduleOver: nothing is to come of it.
        """
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_EDIT, lock=True)
        if enabled and times_of(schedule).next(self._clock.now()) is None:
            raise ScheduleOver("Nothing is to come of it any more; give it later times")
        if schedule.enabled != enabled:
            schedule.enabled = enabled
            self._changed(principal, schedule)
            self._set_next(session, schedule)
            action = "schedule.enabled" if enabled else "schedule.disabled"
            self._record(session, principal, action, schedule, after={"enabled": enabled})
        return Seen(schedule, (await repository.last_runs(session, [schedule.id])).get(schedule.id))

    async def run_now(self, session: AsyncSession, principal: Principal, schedule_id: str) -> ScheduleRun:
        """A task at once, for its owner. Raises PermissionDenied: the caller may not launch the flow himself."""
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_EDIT, lock=True)
        await self._authorizer.require(session, principal, Action.FLOW_LAUNCH, _resource(schedule))
        self._record(session, principal, "schedule.run_requested", schedule, after={})
        return await self._firing.run_now(session, schedule, principal.id)

    async def remove(self, session: AsyncSession, principal: Principal, schedule_id: str) -> None:
        """With its history; the tasks stay."""
        schedule = await self._find(session, principal, schedule_id, Action.FLOW_EDIT, lock=True)
        await repository.remove(session, schedule)
        await self._secrets.forget(session, schedule.id)
        self._record(session, principal, "schedule.deleted", schedule, before=_facts(schedule))

    async def _fitting(
        self, session: AsyncSession, principal: Principal, flow_id: str, wanted: Wanted, project: str | None
    ) -> str:
        """The project in which tasks run, if what is wanted can be launched there now by the caller."""
        check_times(wanted.times, self._clock.now())
        request = LaunchRequest(
            flow_id, wanted.inputs, revision=wanted.revision, leave_out=wanted.leave_out, schemes=wanted.schemes,
            project=project,
        )  # fmt: skip
        return await self._launches.check(session, principal, request)

    async def _sealed(self, session: AsyncSession, schedule_id: str, flow_id: str, wanted: Wanted) -> Wanted:
        schema = await self._schema(session, flow_id, wanted)
        inputs = await self._secrets.seal(session, schedule_id, schema, wanted.inputs, held_by=schedule_id)
        return replace(wanted, inputs=inputs)

    async def _schema(self, session: AsyncSession, flow_id: str, wanted: Wanted) -> Mapping[str, Any]:
        """Of what the flow asks for."""
        revision = await require_revision(session, await require_flow(session, flow_id), wanted.revision)
        return launch_form(revision.definition).schema

    def _changed(self, principal: Principal, schedule: Schedule) -> None:
        """By a person: what was refused before counts no longer."""
        note_change(schedule, principal.id, self._clock.now())
        schedule.refusals, schedule.stopped_because = 0, ""

    def _set_next(self, session: AsyncSession, schedule: Schedule) -> None:
        schedule.next_at = times_of(schedule).next(self._clock.now()) if schedule.enabled else None
        after_commit(session, self._ring)

    async def _find(
        self, session: AsyncSession, principal: Principal, schedule_id: str, action: Action, *, lock: bool = False
    ) -> Schedule:
        """The owner may do with his own what `action` lets others do, as far as his credential counts."""
        schedule = await repository.require_schedule(session, schedule_id, lock=lock)
        if principal.id == schedule.owner:
            self._authorizer.require_credential(principal, action, _resource(schedule))
        else:
            await self._authorizer.require(session, principal, action, _resource(schedule))
        return schedule

    async def _seen(self, session: AsyncSession, page: PageOf[Schedule]) -> SeenPage:
        last = await repository.last_runs(session, [schedule.id for schedule in page.items])
        return SeenPage([Seen(schedule, last.get(schedule.id)) for schedule in page.items], page.next)

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        schedule: Schedule,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(
            session, principal, action, "schedule", schedule.id,
            before=before, after=after, project_id=schedule.project_id,
        )  # fmt: skip


def _resource(schedule: Schedule) -> Resource:
    return used_flow_resource(schedule.flow_id, schedule.project_id, common=schedule.common)


def _columns(principal: Principal, wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "owner": principal.id,
        "cron": wanted.times.cron,
        "time_zone": wanted.times.zone,
        "start_at": wanted.times.start_at,
        "end_at": wanted.times.end_at,
        "inputs": dict(wanted.inputs),
        "revision": wanted.revision,
        "leave_out": list(wanted.leave_out),
        "schemes": list(wanted.schemes),
        "missed": wanted.missed.value,
        "overlap": wanted.overlap.value,
        "enabled": wanted.enabled,
        "state": NOT_STARTED if wanted.times.cron is None else "",
    }


def _facts(schedule: Schedule) -> dict[str, Any]:
    """For the audit log: of inputs the names alone."""
    return {
        "flow": schedule.flow_id,
        "common": schedule.common,
        "name": schedule.name,
        "owner": schedule.owner,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "start_at": schedule.start_at.isoformat() if schedule.start_at is not None else None,
        "end_at": schedule.end_at.isoformat() if schedule.end_at is not None else None,
        "revision": schedule.revision,
        "inputs": sorted(schedule.inputs),
        "schemes": schedule.schemes,
        "missed": schedule.missed,
        "overlap": schedule.overlap,
        "enabled": schedule.enabled,
    }
