"""Newer versions of what a project's flows run: told with what they would break, and taken by many flows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageRequest
from kernel.errors import FieldProblem, NotFound, TrunklineError
from kernel.principal import Principal
from orchestrator.flow.document import read_flow
from orchestrator.flow.problems import Problem
from orchestrator.flows.models import FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.resources import project_resource
from orchestrator.flows.service import FlowService, is_draft_published
from orchestrator.updates.errors import UpdatesRefused
from orchestrator.updates.nodes import Newest, Of, Step, moved, newest_versions, steps_of
from orchestrator.updates.repository import latest_revisions


@dataclass(frozen=True, slots=True)
class Update:
    """Attributes:
    title: name of what is newer.
    nodes: those of the flow's draft that run the older one.
    breaks: problems the draft would have after it, and has not now.
    """

    flow: FlowRow
    step: Step
    title: str
    nodes: tuple[str, ...]
    breaks: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """Attributes:
    next: where there are more flows to be looked at.
    """

    items: list[Update]
    next: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Steps of some flows.

    Attributes:
        steps: flow → its steps.
        places: flow → where it was named first, in the order of what is wished.
        publish: drafts that held nothing else are published at once.
        together: all or none.
    """

    project: str
    steps: Mapping[str, Sequence[Step]]
    places: Mapping[str, int]
    publish: bool
    together: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Attributes:
    nodes: those moved; none when nothing was.
    revision: the new one, where one was published.
    problem: why the flow was not moved, or not published.
    """

    flow_id: str
    flow_name: str
    nodes: tuple[str, ...] = ()
    draft_version: int | None = None
    revision: int | None = None
    problem: str = ""


class UpdateService:
    def __init__(
        self, authorizer: Authorizer, projects: ProjectDirectory, flows: FlowService, publication: Publication
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._flows = flows
        self._publication = publication

    async def of_project(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> UpdatePage:
        """Of the drafts of a page of its flows."""
        found = await self._flows.list_in_project(session, principal, project, page)
        return UpdatePage(await self._of(session, found.items), found.next)

    async def of_flow(self, session: AsyncSession, principal: Principal, flow_id: str) -> list[Update]:
        return await self._of(session, [await self._flows.get(session, principal, flow_id)])

    async def take(self, session: AsyncSession, principal: Principal, wish: Wish) -> list[Outcome]:
        """Gives each flow a new draft, and a revision where asked for; a flow that can't be moved keeps its draft.

        Raises:
            UpdatesRefused: they are wanted together, and one can't be made; then none is.
        """
        project = await self._projects.find(session, wish.project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(project.id))
        done = [await self._alone(session, principal, project.id, flow, wish) for flow in wish.steps]
        problems = [
            FieldProblem(
                f"/updates/{wish.places[outcome.flow_id]}", outcome.problem, "Leave this flow out, or mend it first"
            )
            for outcome in done
            if outcome.problem
        ]
        if wish.together and problems:
            raise UpdatesRefused("; ".join(problem.problem for problem in problems[:5]), fields=problems)
        return done

    async def _of(self, session: AsyncSession, flows: Sequence[FlowRow]) -> list[Update]:
        """Of flows of one project."""
        if not flows:
            return []
        project = flows[0].project_id
        called = {node["flow"] for flow in flows for node in flow.draft["nodes"] if "flow" in node}
        latest = await latest_revisions(session, project, called)
        newest = Newest(await self._newest(session, project), {flow: number for flow, (_, number) in latest.items()})
        updates: list[Update] = []
        for flow in flows:
            steps = steps_of(flow.draft, newest)
            now = await self._problems(session, flow, flow.draft) if steps else []
            for step, nodes in steps.items():
                title = latest[step.name][0] if step.of is Of.SUBFLOW else step.name
                updates.append(Update(flow, step, title, nodes, await self._breaks(session, flow, step, now)))
        return updates

    async def _newest(self, session: AsyncSession, project_id: str) -> dict[str, str]:
        installed = await self._publication.installed(session, project_id)
        return newest_versions(key for key, plugin in installed.items() if plugin.refusal is None)

    async def _breaks(
        self, session: AsyncSession, flow: FlowRow, step: Step, now: Sequence[Problem]
    ) -> tuple[Problem, ...]:
        known = {(problem.rule, problem.node_id, problem.field) for problem in now}
        changed, _ = moved(flow.draft, [step])
        later = await self._problems(session, flow, changed)
        return tuple(problem for problem in later if (problem.rule, problem.node_id, problem.field) not in known)

    async def _problems(self, session: AsyncSession, flow: FlowRow, definition: Mapping[str, Any]) -> list[Problem]:
        return await self._publication.problems(session, flow.project_id, flow.id, read_flow(definition))

    async def _alone(
        self, session: AsyncSession, principal: Principal, project_id: str, flow_id: str, wish: Wish
    ) -> Outcome:
        """What refuses one flow undoes nothing of the others."""
        flow = await self._flows.get(session, principal, flow_id)
        if flow.project_id != project_id:
            raise NotFound(f"The project has no flow {flow_id!r}")
        try:
            async with session.begin_nested():
                return await self._take(session, principal, flow, wish)
        except TrunklineError as error:
            return Outcome(flow.id, flow.name, problem=error.detail)

    async def _take(self, session: AsyncSession, principal: Principal, flow: FlowRow, wish: Wish) -> Outcome:
        changed, nodes = moved(flow.draft, wish.steps[flow.id])
        if not nodes:
            return Outcome(flow.id, flow.name, problem="its draft does not run these versions")
        was_published = await is_draft_published(session, flow)
        saved = await self._flows.save_draft(session, principal, flow.id, changed, flow.draft_version)
        if not wish.publish:
            return Outcome(flow.id, flow.name, nodes, saved.draft_version)
        if not was_published:
            reason = "its draft holds other changes too; publish it by hand"
            return Outcome(flow.id, flow.name, nodes, saved.draft_version, problem=reason)
        revision = await self._flows.publish(session, principal, flow.id, wish.comment, saved.draft_version)
        return Outcome(flow.id, flow.name, nodes, saved.draft_version, revision.number)
