"""Which project a call is about."""

from collections.abc import Collection
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, ResourceKind
from kernel.contracts.project_businesses import BusinessProject, BusinessProjects
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.common_flows.repository import is_common_for
from orchestrator.flows.models import FlowRow
from orchestrator.flows.repository import find_flow
from orchestrator.flows.resources import project_resource
from orchestrator.handover.models import TaskRequest
from orchestrator.handover.repository import find_request, tasks_started_for
from orchestrator.runtime.models import Task
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.numbers import Kind, subject_of, subjects_of
from orchestrator.sops.schemas import InProject
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.repository import find_task, find_tasks

COMMON: Final = "common"
"""The source of templates that are shared with the project."""


class Places:
    """Finds by numbers; what a person may do there is asked where it is done."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, businesses: BusinessProjects) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._businesses = businesses

    async def project(self, session: AsyncSession, principal: Principal, asked: InProject) -> BusinessProject:
        """Raises:
        NotFound: no such project; or several belong to that business, none of which the person may see.
        ParameterWrong: he may see several that belong to that business.
        """
        if asked.scope == "project":
            return await self._by_number_or_code(session, asked.bk_biz_id)
        if not asked.bk_biz_id.isascii() or not asked.bk_biz_id.isdecimal() or len(asked.bk_biz_id) > 18:  # noqa: PLR2004
            raise ParameterWrong("bk_biz_id", "is the number of a business; send scope=project for a project")
        found = await self._businesses.of_business(session, int(asked.bk_biz_id))
        if len(found) > 1:
            found = await self._visible(session, principal, found)
        if not found:
            raise NotFound(
                f"No project belongs to the business {asked.bk_biz_id}; bind one to it, or send scope=project"
            )
        if len(found) > 1:
            codes = ", ".join(each.project.code for each in found)
            raise ParameterWrong("bk_biz_id", f"several projects belong to this business ({codes}): send scope=project")
        return found[0]

    async def visible(
        self, session: AsyncSession, principal: Principal, action: Action = Action.PROJECT_VIEW
    ) -> list[BusinessProject]:
        """Projects the person may see, or do more with."""
        ids = await self._authorizer.resources_allowing(session, principal, action, ResourceKind.PROJECT)
        return await self._businesses.among(session, ids)

    async def flow(self, session: AsyncSession, place: BusinessProject, number: int) -> FlowRow:
        """Raises:
        NotHere: no published flow of the project has that number.
        """
        flow_id = await subject_of(session, Kind.FLOW, number)
        flow = await find_flow(session, flow_id) if flow_id is not None else None
        if flow is None or flow.project_id != place.project.id:
            raise NotHere("template", number)
        return flow

    async def template(self, session: AsyncSession, place: BusinessProject, number: int, source: str) -> FlowRow:
        """A flow of the project, or with the source `common` one that is shared with it.

        Raises:
            NotHere: no such flow has that number.
        """
        if source != COMMON:
            return await self.flow(session, place, number)
        flow_id = await subject_of(session, Kind.FLOW, number)
        flow = await find_flow(session, flow_id) if flow_id is not None else None
        if flow is None or not await is_common_for(session, flow.id, place.project.id):
            raise NotHere("common template", number)
        return flow

    async def task(self, session: AsyncSession, place: BusinessProject, number: int) -> Task:
        """Also by the number it was asked for under.

        Raises:
            NotHere: no task of the project has that number.
            IllegalOperation: it is asked for and not started yet.
        """
        task_id = await subject_of(session, Kind.TASK, number)
        if task_id is None and await subject_of(session, Kind.REQUEST, number) is not None:
            task_id = (await self.request(session, place, number)).task_id
            if task_id is None:
                raise IllegalOperation(f"the task {number} is asked for: it is there once it is claimed and started")
        task = await find_task(session, task_id) if task_id is not None else None
        if task is None or task.project_id != place.project.id:
            raise NotHere("task", number)
        return task

    async def request(self, session: AsyncSession, place: BusinessProject, number: int) -> TaskRequest:
        """A task that somebody asks for.

        Raises:
            NotHere: none of the project has that number.
        """
        request_id = await subject_of(session, Kind.REQUEST, number)
        request = await find_request(session, request_id) if request_id is not None else None
        if request is None or request.project_id != place.project.id:
            raise NotHere("functionalization task", number)
        return request

    async def tasks(self, session: AsyncSession, place: BusinessProject, numbers: Collection[int]) -> dict[int, Task]:
        """Number → task, of those that are tasks of the project; also by the numbers they were asked for under."""
        named = await subjects_of(session, Kind.TASK, numbers)
        if asked_for := await subjects_of(session, Kind.REQUEST, numbers):
            started = await tasks_started_for(session, asked_for.values())
            named |= {number: started[request] for number, request in asked_for.items() if request in started}
        found = await find_tasks(session, list(named.values()))
        return {
            number: found[task_id]
            for number, task_id in named.items()
            if task_id in found and found[task_id].project_id == place.project.id
        }

    async def _by_number_or_code(self, session: AsyncSession, name: str) -> BusinessProject:
        numbered = name.isascii() and name.isdecimal() and len(name) <= 16  # noqa: PLR2004
        project_id = await subject_of(session, Kind.PROJECT, int(name)) if numbered else None
        found = await self._projects.find(session, project_id or name)
        return (await self._businesses.among(session, (found.id,)))[0]

    async def _visible(
        self, session: AsyncSession, principal: Principal, found: list[BusinessProject]
    ) -> list[BusinessProject]:
        return [
            each
            for each in found
            if await self._authorizer.allows(session, principal, Action.PROJECT_VIEW, project_resource(each.project.id))
        ]
