"""Figures of tasks: of a project for its members, of all projects for administrators."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import require_flow
from orchestrator.insight import repository
from orchestrator.insight.reading import NodeFigures, TaskFigures, every_day, node_figures, plugin_figures, task_figures

LONGEST_DAYS: Final = 366
USUAL_DAYS: Final = 30
EARLIEST: Final = dt.date(2000, 1, 1)
"""There were no tasks before."""
MOST_NODES: Final = 200
"""Nodes that are told of; those that fail most."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days in UTC, both of them within."""

    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """Attributes:
    names: flow → its name.
    """

    span: Span
    total: TaskFigures
    days: Sequence[TaskFigures]
    flows: Sequence[TaskFigures]
    plugins: Sequence[NodeFigures]
    nodes: Sequence[NodeFigures]
    names: dict[str, str]


class InsightService:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock

    def span(self, since: dt.date | None, until: dt.date | None) -> Span:
        """Raises:
        Invalid: they lie the wrong way round, too far apart, or before all times.
        """
        end = until or self._clock.now().date()
        if end < EARLIEST:
            raise Invalid.field("until", f"lies before {EARLIEST}", "Ask for later days")
        start = since or end - dt.timedelta(days=USUAL_DAYS - 1)
        if start > end:
            raise Invalid.field("since", "lies behind until", "Turn them round")
        if (end - start).days >= LONGEST_DAYS:
            raise Invalid.field("since", f"is more than {LONGEST_DAYS} days before until", "Ask for less at once")
        return Span(start, end)

    async def of_project(self, session: AsyncSession, principal: Principal, project: str, span: Span) -> ProjectFigures:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(found.id))
        rows = await repository.flow_days(session, span.since, span.until, found.id)
        nodes = await repository.node_days(session, span.since, span.until, found.id)
        flows = await repository.flow_names(session, found.id)
        by_hand = {flow: minutes for flow, (_, minutes) in flows.items()}
        days = every_day(span.since, span.until, task_figures(rows, lambda row: row.day.isoformat(), by_hand))
        total = task_figures(rows, lambda _: found.code, by_hand)
        return ProjectFigures(
            span,
            total[0] if total else TaskFigures(found.code, 0, 0, 0, None, None, None),
            days,
            sorted(task_figures(rows, lambda row: row.flow_id, by_hand), key=lambda each: -each.finished - each.failed),
            plugin_figures(nodes),
            node_figures(nodes)[:MOST_NODES],
            {flow: name for flow, (name, _) in flows.items()},
        )

    async def of_projects(self, session: AsyncSession, principal: Principal, span: Span) -> list[TaskFigures]:
        """Of each project with tasks, by its code."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        rows = await repository.flow_days(session, span.since, span.until, None)
        flows = await repository.flow_names(session, None)
        codes = {project: await self._code(session, project) for project in {row.project_id for row in rows}}
        return task_figures(rows, lambda row: codes[row.project_id], {flow: each[1] for flow, each in flows.items()})

    async def set_by_hand(self, session: AsyncSession, principal: Principal, flow_id: str, minutes: int) -> FlowRow:
        """Says how long people need for what the flow does; 0 when nobody knows."""
        flow = await require_flow(session, flow_id, lock=True)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, resource)
        before, flow.minutes_by_hand = flow.minutes_by_hand, minutes
        await session.flush()
        record(
            session, principal, "flow.by_hand_set", "flow", flow.id,
            before={"minutes_by_hand": before}, after={"minutes_by_hand": minutes}, project_id=flow.project_id,
        )  # fmt: skip
        return flow

    async def _code(self, session: AsyncSession, project_id: str) -> str:
        try:
            return (await self._projects.find(session, project_id)).code
        except NotFound:
            return project_id
