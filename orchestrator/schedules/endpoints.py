from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from kernel.http.dependencies import ONLY_READS, PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_handles import masked
from orchestrator.common_flows.schemas import InProject
from orchestrator.dependencies import ScheduleServiceDep
from orchestrator.schedules.models import ScheduleRun
from orchestrator.schedules.schemas import (
    ScheduleBody,
    ScheduleChange,
    SchedulePreview,
    SchedulePreviewBody,
    ScheduleRunView,
    ScheduleView,
    TimesBody,
)
from orchestrator.schedules.service import Seen, Wanted
from orchestrator.schedules.times import Times

router = APIRouter(tags=["schedules"], route_class=StrictJsonRoute)


@router.get("/schedules")
async def list_own_schedules(
    session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep, page: PageDep
) -> Page[ScheduleView]:
    """Those that start tasks for the caller, the newest first."""
    found = await schedules.list_own(session, principal, page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.get("/projects/{project}/schedules")
async def list_schedules(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    schedules: ScheduleServiceDep,
    page: PageDep,
    flow: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
) -> Page[ScheduleView]:
    """Those of a project, or of one of its flows, the newest first."""
    found = await schedules.list_in_project(session, principal, project, flow, page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.post("/schedules:preview", dependencies=[ONLY_READS])
async def preview_schedule(
    body: SchedulePreviewBody, _principal: PrincipalDep, schedules: ScheduleServiceDep
) -> SchedulePreview:
    """The next times at which a schedule would be due."""
    return SchedulePreview(times=list(schedules.preview(_times(body), body.count)))


@router.post("/flows/{flow}/schedules", status_code=201)
async def create_schedule(
    flow: str,
    body: ScheduleBody,
    session: SessionDep,
    principal: PrincipalDep,
    schedules: ScheduleServiceDep,
    project: InProject = None,
) -> ScheduleView:
    """Tasks of the flow start by themselves, for the caller: periodically by `cron`, or once at `start_at`."""
    return _view(await schedules.create(session, principal, flow, _wanted(body), project))


@router.get("/schedules/{schedule}")
async def get_schedule(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> ScheduleView:
    return _view(await schedules.get(session, principal, schedule))


@router.put("/schedules/{schedule}")
async def replace_schedule(
    schedule: str, body: ScheduleChange, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> ScheduleView:
    """The caller becomes its owner: the person for whom, and by whose rights, tasks start. Refused when somebody
    changed it since `version`.
    """
    return _view(await schedules.replace(session, principal, schedule, _wanted(body), body.version))


@router.delete("/schedules/{schedule}", status_code=204)
async def delete_schedule(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> None:
    await schedules.remove(session, principal, schedule)


@router.post("/schedules/{schedule}:enable")
async def enable_schedule(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> ScheduleView:
    """What passed while it was off is not made good."""
    return _view(await schedules.switch(session, principal, schedule, enabled=True))


@router.post("/schedules/{schedule}:disable")
async def disable_schedule(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> ScheduleView:
    return _view(await schedules.switch(session, principal, schedule, enabled=False))


@router.post("/schedules/{schedule}:run")
async def run_schedule(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep
) -> ScheduleRunView:
    """A task at once, for its owner, whatever else goes on."""
    return _run_view(await schedules.run_now(session, principal, schedule))


@router.get("/schedules/{schedule}/runs")
async def list_schedule_runs(
    schedule: str, session: SessionDep, principal: PrincipalDep, schedules: ScheduleServiceDep, page: PageDep
) -> Page[ScheduleRunView]:
    """When it was due and what came of it, the newest first; those not started with the reason."""
    found = await schedules.runs(session, principal, schedule, page)
    return Page(items=[_run_view(run) for run in found.items], next=found.next)


def _times(body: TimesBody) -> Times:
    return Times(body.cron, body.time_zone, _in_utc(body.start_at), _in_utc(body.end_at))


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None


def _wanted(body: ScheduleBody) -> Wanted:
    return Wanted(
        body.name,
        _times(body),
        body.inputs,
        body.revision,
        tuple(body.leave_out),
        body.missed,
        body.overlap,
        body.enabled,
        tuple(body.schemes),
    )


def _view(seen: Seen) -> ScheduleView:
    last = _run_view(seen.last_run) if seen.last_run is not None else None
    return ScheduleView.model_validate(
        {**seen.schedule.model_dump(), "inputs": masked(seen.schedule.inputs), "last_run": last}
    )


def _run_view(run: ScheduleRun) -> ScheduleRunView:
    return ScheduleRunView.model_validate(run.model_dump())
