from collections.abc import Collection
from hashlib import blake2b
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.executors.models import ProjectExecutor
from orchestrator.flows.resources import project_resource
from orchestrator.notices.models import NoticeGroup
from orchestrator.notices.repository import groups_of
from orchestrator.sops.numbers import Kind, number_of, numbers_of
from orchestrator.sops.places import Places
from orchestrator.sops.projects.schemas import GetProject, ListProjects, ProjectDetail, ProjectSummary, StaffGroup

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
        self, session: AsyncSession, principal: Principal, asked: ListProjects
    ) -> list[dict[str, Any]]:
        found = await self._places.visible(session, principal)
        numbers = await numbers_of(session, Kind.PROJECT, [each.project.id for each in found])
        more = await _executors(session, numbers, asked)
        return [
            ProjectSummary(
                project_id=numbers[each.project.id],
                bk_biz_id=each.bk_biz_id,
                name=each.project.name,
                code=each.project.code,
                **more.get(each.project.id, {}),
            ).model_dump(exclude_unset=True)
            for each in found
        ]

    async def get_user_project_detail(
        self, session: AsyncSession, principal: Principal, asked: GetProject
    ) -> dict[str, Any]:
        place = await self._places.project(session, principal, asked)
        resource = project_resource(place.project.id)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, resource)
        number = await number_of(session, Kind.PROJECT, place.project.id)
        more = (await _executors(session, [place.project.id], asked)).get(place.project.id, {})
        groups = (
            {"staff_groups": await _groups(session, place.project.id, number)} if asked.include_staff_groups else {}
        )
        return ProjectDetail(
            project_id=number,
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
            **more,
            **groups,
        ).model_dump(exclude_unset=True)


async def _groups(session: AsyncSession, project_id: str, project: int) -> list[StaffGroup]:
    """The project's notice groups, each with a number of its own.

    Raises:
        Unnumbered: one has none yet.
    """
    groups = {_subject(group): group for group in await groups_of(session, project_id)}
    numbers = await numbers_of(session, Kind.NOTICE_GROUP, groups)
    return [
        StaffGroup(id=numbers[subject], project_id=project, name=group.name, members=",".join(group.people))
        for subject, group in groups.items()
    ]


def _subject(group: NoticeGroup) -> str:
    """A group has no id: project and name are, which are longer than one."""
    return blake2b(f"{group.project_id} {group.name}".encode(), digest_size=16).hexdigest()


async def _executors(
    session: AsyncSession, project_ids: Collection[str], asked: ListProjects
) -> dict[str, dict[str, str]]:
    """Project → what is told of its executor where that is asked for."""
    if not asked.include_executor_proxy:
        return {}
    statement = select(ProjectExecutor).where(col(ProjectExecutor.project_id).in_(project_ids))
    named = {each.project_id: each.username for each in (await session.execute(statement)).scalars()}
    return {project: {"executor_proxy": named.get(project, "")} for project in project_ids}
