"""Schedules as the periodic and clocked tasks that clients of Standard OPS know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.project_businesses import BusinessProject
from kernel.db.pages import PageRequest
from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.schedules.firing import times_of
from orchestrator.schedules.models import Schedule
from orchestrator.schedules.overlap import Overlap
from orchestrator.schedules.service import MOST_IN_A_PROJECT, ScheduleService, Seen, Wanted
from orchestrator.schedules.times import Missed, Times
from orchestrator.sops.answering import Beside, counted
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.moments import moment, read_moment
from orchestrator.sops.numbers import Kind, give, number_of, numbers_of, subject_of
from orchestrator.sops.periodic import schemas
from orchestrator.sops.periodic.repository import count_starts, names_of_flows
from orchestrator.sops.places import COMMON, Places
from orchestrator.sops.schemes import chosen_schemes, scheme_names
from orchestrator.sops.tasks.given import given_inputs
from orchestrator.sops.tasks.schemas import OfTask
from orchestrator.sops.templates.repository import latest_revisions
from orchestrator.sops.templates.schemas import OfTemplate
from orchestrator.sops.trees import called_flows, tree_of, with_values


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a client fills in and chooses; schemes as it names them."""

    constants: Mapping[str, Any]
    left_out: tuple[str, ...]
    schemes: tuple[str, ...]


class PeriodicComponents:
    def __init__(self, places: Places, schedules: ScheduleService) -> None:
        self._places = places
        self._schedules = schedules

    async def create_periodic_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.CreatePeriodicTask
    ) -> dict[str, Any]:
        times = Times(asked.cron.rule, asked.time_zone)
        chosen = _Chosen(asked.constants, tuple(asked.exclude_task_nodes_id), tuple(asked.template_schemes_id))
        seen = await self._created(session, principal, asked, asked.name, times, chosen)
        return (await self._periodic(session, [seen], asked))[0]

    async def create_clocked_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.CreateClockedTask
    ) -> schemas.ClockedTask:
        try:
            start = read_moment(asked.plan_start_time)
        except ValueError:
            raise ParameterWrong("plan_start_time", "is no moment like 2030-05-16 20:26:40+0800") from None
        place = await self._places.project(session, principal, asked)
        given = asked.task_parameters
        chosen = _Chosen(given.constants, (), tuple(given.template_schemes_id))
        times = Times(None, "UTC", start)
        seen = await self._created(session, principal, asked, asked.task_name, times, chosen)
        await give(session, Kind.PROJECT, (place.project.id,))
        return (await self._clocked(session, place, [seen]))[0]

    async def get_periodic_task_list(
        self, session: AsyncSession, principal: Principal, asked: schemas.ListPeriodicTasks
    ) -> list[dict[str, Any]]:
        place = await self._places.project(session, principal, asked)
        return await self._periodic(session, await self._all(session, principal, place, periodic=True), asked)

    async def get_periodic_task_info(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetPeriodicTask
    ) -> dict[str, Any]:
        seen = await self._find(session, principal, asked)
        schedule = seen.schedule
        revision = await require_revision(session, await require_flow(session, schedule.flow_id), schedule.revision)
        tree = with_values(await tree_of(session, revision.definition, of_task=False), masked(schedule.inputs))
        facts = (await self._periodic(session, [seen], asked))[0]
        form = {key: each for key, each in tree["constants"].items() if each["show_type"] == "show"}
        return {**facts, "form": form, "pipeline_tree": tree}

    async def get_clocked_task_list(
        self, session: AsyncSession, principal: Principal, asked: schemas.ListClockedTasks
    ) -> Beside:
        place = await self._places.project(session, principal, asked)
        every = await self._clocked(session, place, await self._all(session, principal, place, periodic=False))
        found = [
            each
            for each in every
            if asked.id in (None, each.id)
            and asked.state in ("", each.state)
            and asked.creator.lower() in each.creator.lower()
            and asked.task_name.lower() in each.task_name.lower()
        ]
        return counted(found[asked.offset : asked.offset + asked.limit], len(found))

    async def set_periodic_task_enabled(
        self, session: AsyncSession, principal: Principal, asked: schemas.SetEnabled
    ) -> schemas.Enabled:
        schedule = (await self._find(session, principal, asked)).schedule
        await self._schedules.switch(session, principal, schedule.id, enabled=asked.enabled)
        return schemas.Enabled(enabled=asked.enabled)

    async def modify_cron_for_periodic_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.ModifyCron
    ) -> schemas.NewCron:
        schedule = (await self._find(session, principal, asked, lock=True)).schedule
        before = times_of(schedule)
        times = Times(asked.cron.rule, asked.time_zone or before.zone, before.start_at, before.end_at)
        wanted = _wanted(schedule, times, schedule.inputs)
        seen = await self._schedules.replace(session, principal, schedule.id, wanted, schedule.version)
        return schemas.NewCron(cron=_cron(seen.schedule))

    async def modify_constants_for_periodic_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.ModifyPeriodicConstants
    ) -> dict[str, Any]:
        """The variables as the tasks are started with them from now on."""
        schedule = (await self._find(session, principal, asked, lock=True)).schedule
        flow = await require_flow(session, schedule.flow_id)
        definition = (await require_revision(session, flow, schedule.revision)).definition
        inputs = {**schedule.inputs, **given_inputs(asked.constants, definition)}
        wanted = _wanted(schedule, times_of(schedule), inputs)
        seen = await self._schedules.replace(session, principal, schedule.id, wanted, schedule.version)
        called = called_flows(definition)
        if called:
            await give(session, Kind.FLOW, sorted(called))
        tree = await tree_of(session, definition, of_task=False)
        constants: dict[str, Any] = with_values(tree, masked(seen.schedule.inputs))["constants"]
        return constants

    async def _created(
        self,
        session: AsyncSession,
        principal: Principal,
        asked: OfTemplate,
        name: str,
        times: Times,
        chosen: "_Chosen",
    ) -> Seen:
        place = await self._places.project(session, principal, asked)
        flow = await self._places.template(session, place, asked.template_id, asked.template_source)
        inputs = given_inputs(chosen.constants, (await require_revision(session, flow, None)).definition)
        schemes = await chosen_schemes(session, flow.id, asked.template_id, chosen.schemes)
        wanted = Wanted(
            name, times, inputs, None, chosen.left_out, Missed.RUN_ONCE, Overlap.ALLOW, enabled=True, schemes=schemes
        )
        seen = await self._schedules.create(session, principal, flow.id, wanted, place.project.id)
        await give(session, Kind.SCHEDULE, (seen.schedule.id,))
        return seen

    async def _all(
        self, session: AsyncSession, principal: Principal, place: BusinessProject, *, periodic: bool
    ) -> list[Seen]:
        page = PageRequest(limit=MOST_IN_A_PROJECT)
        found = await self._schedules.list_in_project(session, principal, place.project.id, None, page)
        return [seen for seen in found.items if (seen.schedule.cron is not None) is periodic]

    async def _find(self, session: AsyncSession, principal: Principal, asked: OfTask, *, lock: bool = False) -> Seen:
        """A periodic task by its number, which is not that of a task.

        Args:
            lock: of two who change something of it at once, the second finds what the first has made of it.
        """
        place = await self._places.project(session, principal, asked)
        schedule_id = await subject_of(session, Kind.SCHEDULE, asked.task_id)
        if schedule_id is None:
            raise NotHere("periodic task", asked.task_id)
        seen = await self._schedules.get(session, principal, schedule_id, lock=lock)
        if seen.schedule.project_id != place.project.id or seen.schedule.cron is None:
            raise NotHere("periodic task", asked.task_id)
        return seen

    async def _periodic(
        self, session: AsyncSession, found: list[Seen], asked: schemas.AsksEdits
    ) -> list[dict[str, Any]]:
        """Without what was not asked for."""
        numbers = await numbers_of(session, Kind.SCHEDULE, [seen.schedule.id for seen in found])
        flows = await numbers_of(session, Kind.FLOW, {seen.schedule.flow_id for seen in found})
        starts = await count_starts(session, numbers)
        latest = await latest_revisions(session, flows) if asked.include_edit_info else None
        return [
            schemas.PeriodicTask(
                id=numbers[seen.schedule.id],
                name=seen.schedule.name,
                template_id=flows[seen.schedule.flow_id],
                template_source=_source(seen.schedule),
                creator=seen.schedule.created_by,
                cron=_cron(seen.schedule),
                time_zone=seen.schedule.time_zone,
                enabled=seen.schedule.enabled,
                last_run_at=moment(seen.last_run.at if seen.last_run is not None else None),
                total_run_count=starts.get(seen.schedule.id, 0),
                editor=seen.schedule.updated_by,
                edit_time=moment(seen.schedule.updated_at),
                **({} if latest is None else {"is_latest": _is_latest(seen.schedule, latest)}),
            ).model_dump(exclude_unset=True)
            for seen in found
        ]

    async def _clocked(
        self, session: AsyncSession, place: BusinessProject, found: list[Seen]
    ) -> list[schemas.ClockedTask]:
        numbers = await numbers_of(session, Kind.SCHEDULE, [seen.schedule.id for seen in found])
        flows = await numbers_of(session, Kind.FLOW, {seen.schedule.flow_id for seen in found})
        names = await names_of_flows(session, flows)
        started = {seen.last_run.task_id for seen in found if seen.last_run is not None and seen.last_run.task_id}
        tasks = await numbers_of(session, Kind.TASK, started)
        project = await number_of(session, Kind.PROJECT, place.project.id)
        named = await scheme_names(session, {seen.schedule.flow_id: flows[seen.schedule.flow_id] for seen in found})
        return [
            schemas.ClockedTask(
                id=numbers[seen.schedule.id],
                task_id=tasks.get((seen.last_run.task_id or "") if seen.last_run is not None else ""),
                task_name=seen.schedule.name,
                task_parameters={
                    "constants": {f"${{{name}}}": value for name, value in masked(seen.schedule.inputs).items()},
                    "template_schemes_id": [named[each] for each in seen.schedule.schemes if each in named],
                },
                creator=seen.schedule.created_by,
                state=seen.schedule.state,
                plan_start_time=moment(seen.schedule.start_at),
                create_time=moment(seen.schedule.created_at),
                edit_time=moment(seen.schedule.updated_at),
                project_id=project,
                template_id=flows[seen.schedule.flow_id],
                template_name=names.get(seen.schedule.flow_id, ""),
                template_source=_source(seen.schedule),
            )
            for seen in found
        ]


def _wanted(schedule: Schedule, times: Times, inputs: Mapping[str, Any]) -> Wanted:
    """What the schedule is, but for these."""
    return Wanted(
        schedule.name,
        times,
        inputs,
        schedule.revision,
        tuple(schedule.leave_out),
        Missed(schedule.missed),
        Overlap(schedule.overlap),
        schedule.enabled,
        tuple(schedule.schemes),
    )


def _is_latest(schedule: Schedule, latest: Mapping[str, int]) -> bool:
    """One that names no revision runs whichever is the latest."""
    return schedule.revision in (None, latest.get(schedule.flow_id))


def _source(schedule: Schedule) -> str:
    return COMMON if schedule.common else "project"


def _cron(schedule: Schedule) -> str:
    """`minute hour day-of-week day-of-month month`, as Standard OPS tells it."""
    minute, hour, day, month, weekday = (schedule.cron or "* * * * *").split()
    return f"{minute} {hour} {weekday} {day} {month} (m/h/d/dM/MY)"
