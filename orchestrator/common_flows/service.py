"""Flows that an administrator shares with other projects, which launch them, and run them inside theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.principal import Principal
from orchestrator.common_flows import repository
from orchestrator.common_flows.models import CommonFlow
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.resources import project_resource
from orchestrator.flows.service import require_flow, require_revision


@dataclass(frozen=True, slots=True)
class Shared:
    """Attributes:
    projects: codes of those that may run it; all where there are none.
    owner: code of the project it belongs to.
    """

    flow: FlowRow
    owner: str
    projects: tuple[str, ...]
    shared_by: str
    shared_at: datetime


class CommonFlowService:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._places = FlowPlaces(authorizer, projects)
        self._clock = clock

    async def list_for(self, session: AsyncSession, principal: Principal, project: str) -> list[Shared]:
        """What a project may launch, and its flows may run inside, that is another's."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        every = await repository.common_flows(session)
        return [
            await self._shared(session, common, flow)
            for common, flow in every
            if common.is_for(found.id) and flow.project_id != found.id
        ]

    async def revision(
        self, session: AsyncSession, principal: Principal, project: str, flow_id: str, number: int
    ) -> FlowRevisionRow:
        """Raises:
        NotFound: the flow is not shared with the project, or has no such revision.
        """
        place = await self._places.find(session, principal, flow_id, Action.FLOW_VIEW, project)
        return await require_revision(session, place.flow, number)

    async def list_all(self, session: AsyncSession, principal: Principal) -> list[Shared]:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return [await self._shared(session, common, flow) for common, flow in await repository.common_flows(session)]

    async def share(self, session: AsyncSession, principal: Principal, flow_id: str, projects: Sequence[str]) -> Shared:
        """Lets projects launch a published flow, and run it inside theirs; all projects where none are named.

        Raises:
            Invalid: the flow is not published, or there is no such project.
        """
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        flow = await require_flow(session, flow_id, lock=True)
        if flow.latest_revision is None:
            raise Invalid.field("flow", "is not published yet", "Publish it first: projects run a revision of it")
        ids = [await self._project_id(session, name, index) for index, name in enumerate(projects)]
        common = await repository.find_common(session, flow.id)
        before = None if common is None else {"projects": common.projects}
        if common is None:
            common = CommonFlow(flow_id=flow.id, projects=[], shared_by=principal.id, shared_at=self._clock.now())
            session.add(common)
        common.projects, common.shared_by = sorted(set(ids)), principal.id
        common.shared_at = self._clock.now()
        await session.flush()
        record(
            session, principal, "flow.made_common", "flow", flow.id,
            before=before, after={"projects": common.projects}, project_id=flow.project_id,
        )  # fmt: skip
        return await self._shared(session, common, flow)

    async def unshare(self, session: AsyncSession, principal: Principal, flow_id: str) -> None:
        """Other projects can't launch it any more, nor launch or publish flows that run it."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        flow = await require_flow(session, flow_id, lock=True)
        common = await repository.find_common(session, flow.id)
        if common is None:
            raise NotFound(f"Flow {flow.name!r} is no common flow")
        await session.delete(common)
        record(
            session, principal, "flow.made_uncommon", "flow", flow.id,
            before={"projects": common.projects}, project_id=flow.project_id,
        )  # fmt: skip

    async def _project_id(self, session: AsyncSession, name: str, index: int) -> str:
        try:
            return (await self._projects.find(session, name)).id
        except NotFound:
            field = f"/projects/{index}"
            problem = FieldProblem(field, f"there is no project {name!r}", "Name projects by id or code")
            raise Invalid(problem.problem, fields=[problem]) from None

    async def _shared(self, session: AsyncSession, common: CommonFlow, flow: FlowRow) -> Shared:
        owner = await self._projects.find(session, flow.project_id)
        codes = [(await self._projects.find(session, project)).code for project in common.projects]
        return Shared(flow, owner.code, tuple(sorted(codes)), common.shared_by, common.shared_at)
