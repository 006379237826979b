"""How many tasks there are, by what clients of Standard OPS count them by."""

from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.sops.numbers import Kind, subject_of
from orchestrator.sops.places import Places
from orchestrator.sops.tasks.filtering import between, wanted_tasks
from orchestrator.sops.tasks.making import CreateMethod
from orchestrator.sops.tasks.repository import TaskFilter, count_tasks
from orchestrator.sops.tasks.schemas import Count, CountTasks, QueryTaskCount, TaskCounts, TaskGroup

_METHODS: Final = {
    CreateMethod.APP: "手动",
    CreateMethod.API: "API网关",
    CreateMethod.APP_MAKER: "轻应用",
    CreateMethod.PERIODIC: "周期任务",
    CreateMethod.CLOCKED: "计划任务",
    CreateMethod.MCP: "MCP",
}


class CountComponents:
    def __init__(self, places: Places, authorizer: Authorizer) -> None:
        self._places = places
        self._authorizer = authorizer

    async def get_task_count(self, session: AsyncSession, principal: Principal, asked: CountTasks) -> Count:
        place = await self._places.project(session, principal, asked)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(place.project.id))
        return Count(count=await count_tasks(session, await wanted_tasks(session, place.project.id, asked)))

    async def query_task_count(self, session: AsyncSession, principal: Principal, asked: QueryTaskCount) -> TaskCounts:
        place = await self._places.project(session, principal, asked)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(place.project.id))
        wanted = await _filter(session, place.project.id, asked)
        groups = [
            TaskGroup(code=code, name=name, value=await count_tasks(session, each))
            for code, name, each in _groups(wanted, asked.group_by)
        ]
        return TaskCounts(total=await count_tasks(session, wanted), groups=groups)


async def _filter(session: AsyncSession, project_id: str, asked: QueryTaskCount) -> TaskFilter:
    given = asked.conditions
    flows = None
    if given.template_id is not None:
        flow = await subject_of(session, Kind.FLOW, given.template_id)
        flows = [flow] if flow is not None else []
    made = between(
        ("conditions.create_time__gte", given.create_time__gte), ("conditions.create_time__lte", given.create_time__lte)
    )
    begun = between(
        ("conditions.start_time__gte", given.start_time__gte), ("conditions.start_time__lte", given.start_time__lte)
    )
    return TaskFilter(
        project_id,
        "",
        given.executor,
        given.is_started,
        given.is_finished,
        flows,
        *made,
        given.create_method,
        name=given.name,
        creator=given.creator,
        begun_since=begun[0],
        begun_until=begun[1],
    )


def _groups(wanted: TaskFilter, group_by: str) -> list[tuple[str, str, TaskFilter]]:
    """Code, name and what is counted; a task that was ended counts as being at work, as there."""
    match group_by:
        case "status":
            return [
                ("CREATED", "未执行", replace(wanted, also=wanted, is_started=False)),
                ("EXECUTING", "执行中", replace(wanted, also=wanted, is_started=True, is_finished=False)),
                ("FINISHED", "已完成", replace(wanted, also=wanted, is_finished=True)),
            ]
        case "flow_type":
            return [
                ("common", "默认任务流程", replace(wanted, is_asked_for=False)),
                ("common_func", "职能化任务流程", replace(wanted, is_asked_for=True)),
            ]
        case "create_method":
            return [
                (code.value, name, replace(wanted, also=wanted, create_method=code)) for code, name in _METHODS.items()
            ]
        case _:
            return [("Other", "其它", wanted)]
