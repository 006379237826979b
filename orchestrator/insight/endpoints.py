import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import InsightServiceDep
from orchestrator.insight.reading import NodeFigures, TaskFigures
from orchestrator.insight.schemas import (
    ByHand,
    NodeFiguresView,
    ProjectStatistics,
    Sheet,
    StatisticsView,
    TaskFiguresView,
)
from orchestrator.insight.service import ProjectFigures
from orchestrator.insight.sheets import write_sheet

router = APIRouter(tags=["statistics"], route_class=StrictJsonRoute)
Day = Annotated[dt.date | None, Query()]
_CSV = "text/csv"


@router.get("/projects/{project}/statistics")
async def get_statistics(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    insight: InsightServiceDep,
    since: Day = None,
    until: Day = None,
) -> StatisticsView:
    """What became of a project's tasks, day by day (UTC), of its flows, plugins and nodes; the last 30 days unless
    others are named.
    """
    return _view(await insight.of_project(session, principal, project, insight.span(since, until)))


@router.get(
    "/projects/{project}/statistics.csv",
    response_class=Response,
    responses={200: {"content": {_CSV: {}}, "description": "One line for each"}},
)
async def get_statistics_sheet(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    insight: InsightServiceDep,
    of: Sheet = Sheet.DAYS,
    since: Day = None,
    until: Day = None,
) -> Response:
    """The same, as a table for spreadsheets."""
    view = _view(await insight.of_project(session, principal, project, insight.span(since, until)))
    tables: dict[Sheet, tuple[type[BaseModel], Sequence[BaseModel]]] = {
        Sheet.DAYS: (TaskFiguresView, view.days),
        Sheet.FLOWS: (TaskFiguresView, view.flows),
        Sheet.PLUGINS: (NodeFiguresView, view.plugins),
        Sheet.NODES: (NodeFiguresView, view.nodes),
    }
    name = f"{of.value}-{view.since}-{view.until}.csv"
    return Response(
        write_sheet(*tables[of]),
        media_type=_CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/statistics")
async def get_project_statistics(
    session: SessionDep, principal: PrincipalDep, insight: InsightServiceDep, since: Day = None, until: Day = None
) -> ProjectStatistics:
    """The tasks of each project, for administrators."""
    span = insight.span(since, until)
    found = await insight.of_projects(session, principal, span)
    return ProjectStatistics(since=span.since, until=span.until, items=[_tasks(each, each.name) for each in found])


@router.put("/flows/{flow}/by-hand")
async def set_by_hand(
    flow: str, body: ByHand, session: SessionDep, principal: PrincipalDep, insight: InsightServiceDep
) -> ByHand:
    """Says how long people need for what the flow does, from which the time saved is reckoned."""
    changed = await insight.set_by_hand(session, principal, flow, body.minutes)
    return ByHand(minutes=changed.minutes_by_hand)


def _view(figures: ProjectFigures) -> StatisticsView:
    names = figures.names
    return StatisticsView(
        since=figures.span.since,
        until=figures.span.until,
        total=_tasks(figures.total, figures.total.name),
        days=[_tasks(each, each.name) for each in figures.days],
        flows=[_tasks(each, names.get(each.name, "")) for each in figures.flows],
        plugins=[_nodes(each, names) for each in figures.plugins],
        nodes=[_nodes(each, names) for each in figures.nodes],
    )


def _tasks(each: TaskFigures, name: str) -> TaskFiguresView:
    return TaskFiguresView(
        id=each.name,
        name=name,
        finished=each.finished,
        failed=each.failed,
        revoked=each.revoked,
        mean=each.mean,
        median=each.median,
        p95=each.p95,
        saved=each.saved,
    )


def _nodes(each: NodeFigures, names: dict[str, str]) -> NodeFiguresView:
    return NodeFiguresView(
        flow_id=each.flow_id,
        flow_name=names.get(each.flow_id, ""),
        node=each.node,
        plugin=each.plugin,
        version=each.version,
        runs=each.runs,
        failed=each.failed,
        share=each.share,
        mean=each.mean,
        median=each.median,
        p95=each.p95,
    )
