"""Where a flow is used: in its own project, or as a common flow in another."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, Resource
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.common_flows.repository import is_common_for
from orchestrator.flows.models import FlowRow
from orchestrator.flows.repository import find_flow
from orchestrator.flows.resources import flow_resource, project_resource, used_flow_resource
from orchestrator.flows.service import require_flow


@dataclass(frozen=True, slots=True)
class Place:
    """A flow, and the project in which it is used: by that one's plugins, grants, secrets and quotas."""

    flow: FlowRow
    project_id: str

    @property
    def is_common(self) -> bool:
        """The flow is another project's."""
        return self.flow.project_id != self.project_id

    @property
    def resource(self) -> Resource:
        return used_flow_resource(self.flow.id, self.project_id, common=self.is_common)


class FlowPlaces:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory) -> None:
        self._authorizer = authorizer
        self._projects = projects

    async def find(
        self, session: AsyncSession, principal: Principal, flow_id: str, action: Action, project: str | None = None
    ) -> Place:
        """The flow where it is used, if the caller may do that there.

        Args:
            project: id or code of the project that uses it; none for the flow's own.

        Raises:
            NotFound: no such flow, or it is not shared with that project.
            PermissionDenied: roles on a common flow give no right in the projects that use it; those projects' do.
        """
        if project is None:
            flow = await require_flow(session, flow_id)
            await self._authorizer.require(session, principal, action, flow_resource(flow.id, flow.project_id))
            return Place(flow, flow.project_id)
        found = await self._projects.find(session, project)
        shared = await find_flow(session, flow_id)
        if shared is not None and shared.project_id == found.id:
            return await self.find(session, principal, flow_id, action)
        await self._authorizer.require(session, principal, action, project_resource(found.id))
        if shared is None or not await is_common_for(session, shared.id, found.id):
            raise NotFound(f"No flow {flow_id!r} is shared with project {found.code}")
        return Place(shared, found.id)


async def place_in(session: AsyncSession, flow_id: str, project_id: str) -> Place:
    """As `FlowPlaces.find`, for a caller who was found to be allowed.

    Raises:
        NotFound: no such flow, or it is not shared with that project any more.
    """
    flow = await require_flow(session, flow_id)
    if flow.project_id != project_id and not await is_common_for(session, flow.id, project_id):
        raise NotFound(f"The flow {flow.name!r} is not shared with this project any more")
    return Place(flow, project_id)
