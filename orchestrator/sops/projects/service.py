from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.sops.numbers import Kind, number_of, numbers_of
from orchestrator.sops.places import Places
from orchestrator.sops.projects.schemas import ProjectDetail, ProjectSummary
from orchestrator.sops.schemas import InProject, Nothing

_ACTIONS = {
    "project_view": Action.PROJECT_VIEW,
    "project_edit": Action.PROJECT_MANAGE,
    "flow_create": Action.FLOW_EDIT,
    "project_fast_create_task": Action.FLOW_PUBLISH,
}


class ProjectComponents:
    def __init__(self, places: Places, authorizer: Authorizer) -> None:
        self._places = places
        self._authorizer = authorizer

    async def get_user_project_list(
        self, session: AsyncSession, principal: Principal, _asked: Nothing
    ) -> list[ProjectSummary]:
        found = await self._places.visible(session, principal)
        numbers = await numbers_of(session, Kind.PROJECT, [each.project.id for each in found])
        return [
            ProjectSummary(
                project_id=numbers[each.project.id],
                bk_biz_id=each.bk_biz_id,
                name=each.project.name,
                code=each.project.code,
            )
            for each in found
        ]

    async def get_user_project_detail(
        self, session: AsyncSession, principal: Principal, asked: InProject
    ) -> ProjectDetail:
        place = await self._places.project(session, principal, asked)
        resource = project_resource(place.project.id)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, resource)
        return ProjectDetail(
            project_id=await number_of(session, Kind.PROJECT, place.project.id),
            project_name=place.project.name,
            code=place.project.code,
            bk_biz_id=place.bk_biz_id,
            from_cmdb=place.bk_biz_id is not None,
            bk_biz_name=place.project.name,
            auth_actions=[
                name
                for name, action in _ACTIONS.items()
                if await self._authorizer.allows(session, principal, action, resource)
            ],
        )
