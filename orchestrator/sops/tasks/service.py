"""Tasks as clients of Standard OPS read and operate them."""

import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.project_businesses import BusinessProject
from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.engine.events import (
    ChangeInputsRequested,
    PauseRequested,
    ResumeRequested,
    RevokeRequested,
    TaskOperation,
)
from orchestrator.engine.states import TaskState
from orchestrator.flows.resources import project_resource
from orchestrator.runtime.history import Entries
from orchestrator.sops.answering import Beside, counted
from orchestrator.sops.moments import elapsed, moment
from orchestrator.sops.numbers import Kind, number_of, numbers_of
from orchestrator.sops.places import Places
from orchestrator.sops.tasks import repository, schemas
from orchestrator.sops.tasks.creating import TaskCreation
from orchestrator.sops.tasks.filtering import wanted_tasks
from orchestrator.sops.tasks.given import given_inputs
from orchestrator.sops.tasks.making import create_method
from orchestrator.sops.tasks.rows import row_of
from orchestrator.sops.tasks.status import (
    FAILED,
    auto_retries,
    failed_nodes,
    find,
    needs_people,
    retries_of,
    status_of,
)
from orchestrator.sops.trees import tree_of, with_values
from orchestrator.sops.webhooks.history import WebhookHistory
from orchestrator.tasks.operations import Asked, OperationService
from orchestrator.tasks.origins import OriginKind
from orchestrator.tasks.service import TaskDetails, TaskService, current_inputs

_MOST_RECORDS: Final = 10_000
_ACTIONS: Final = {
    "task_view": Action.TASK_VIEW,
    "task_edit": Action.TASK_OPERATE,
    "task_operate": Action.TASK_OPERATE,
    "task_claim": Action.TASK_OPERATE,
    "task_clone": Action.FLOW_LAUNCH,
}
_OPERATIONS: Final[Mapping[str, type[PauseRequested | ResumeRequested | RevokeRequested]]] = {
    "pause": PauseRequested,
    "resume": ResumeRequested,
    "revoke": RevokeRequested,
}


class TaskComponents:
    def __init__(
        self,
        places: Places,
        authorizer: Authorizer,
        tasks: TaskService,
        operations: OperationService,
        creation: TaskCreation,
        clock: Clock,
    ) -> None:
        self._places = places
        self._authorizer = authorizer
        self._webhooks = WebhookHistory(authorizer)
        self._tasks = tasks
        self._operations = operations
        self._creation = creation
        self._clock = clock

    async def get_task_status(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetTaskStatus
    ) -> dict[str, Any]:
        details = await self._details(session, principal, asked)
        status = status_of(details, self._clock.now(), tells_waiting=asked.with_new_status)
        if asked.subprocess_id:
            found = find(status, asked.subprocess_id)
            status = {"id": asked.subprocess_id, "state": "CREATED", "children": {}} if found is None else dict(found)
        failed = failed_nodes(details)
        if asked.with_ex_data and status["state"] == FAILED:
            status["ex_data"] = {name: masked(run.error or "") for name, run in failed.items()}
        if asked.with_failed_node_info:
            status["failed_node_info"] = {name: retries_of(details, name, run) for name, run in failed.items()}
        if asked.with_auto_retry_status:
            status["auto_retry_status"] = auto_retries(details)
        return status

    async def get_tasks_status(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetTasksStatus
    ) -> list[schemas.TaskStatus]:
        """In the order they were asked for; what is no task of the project is left out."""
        found = await self._several(session, principal, asked)
        answers = []
        for number, details in found.items():
            status, task = status_of(details, self._clock.now()), details.task
            if not asked.include_children_status:
                del status["children"]
            answers.append(
                schemas.TaskStatus(
                    id=number,
                    name=task.name,
                    status=status,
                    flow_type="common",
                    current_flow="finished" if task.state == TaskState.FINISHED else "execute_task",
                    is_deleted=False,
                    create_time=moment(task.created_at),
                    start_time=moment(task.started_at),
                    finish_time=moment(task.finished_at),
                    url=self._creation.url(task.id),
                )
            )
        return answers

    async def get_tasks_manual_intervention_state(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetTasksStatus
    ) -> list[schemas.Intervention]:
        """Whether each goes on only when somebody does something."""
        found = await self._several(session, principal, asked)
        return [
            schemas.Intervention(id=number, manual_intervention_required=needs_people(details))
            for number, details in found.items()
        ]

    async def get_task_detail(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetTaskDetail
    ) -> dict[str, Any]:
        place = await self._places.project(session, principal, asked)
        details = await self._details(session, principal, asked)
        task = details.task
        tree = with_values(await tree_of(session, details.definition), masked(current_inputs(task)))
        outputs = [
            {"key": f"${{{name}}}", "name": name, "value": value} for name, value in masked(task.outputs or {}).items()
        ]
        detail = schemas.TaskDetail(
            id=asked.task_id,
            name=task.name,
            project_id=await number_of(session, Kind.PROJECT, place.project.id),
            project_name=place.project.name,
            template_id=await number_of(session, Kind.FLOW, task.flow_id) if task.flow_id else None,
            create_method=create_method(task, await repository.clocked_among(session, [task.origin_id])),
            is_child_taskflow=task.origin == OriginKind.SUBPROCESS.value,
            create_time=moment(task.created_at),
            creator=task.created_by,
            start_time=moment(task.started_at),
            finish_time=moment(task.finished_at),
            executor=task.created_by if task.started_at else "",
            elapsed_time=elapsed(task.started_at, task.finished_at, self._clock.now()),
            task_url=self._creation.url(task.id),
            pipeline_tree=tree,
            constants=tree["constants"],
            outputs=outputs,
            ex_data="; ".join(masked(run.error or "") for run in failed_nodes(details).values()),
        )
        if not asked.include_webhook_history:
            return detail.model_dump(exclude={"task_webhook_history"})
        detail.task_webhook_history = list(await self._webhooks.of_task(session, principal, task))
        return detail.model_dump()

    async def get_task_list(self, session: AsyncSession, principal: Principal, asked: schemas.ListTasks) -> Beside:
        place = await self._places.project(session, principal, asked)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(place.project.id))
        wanted = await wanted_tasks(session, place.project.id, asked)
        tasks = await repository.find_tasks(session, wanted, asked.limit, asked.offset)
        numbers = await numbers_of(session, Kind.TASK, [task.id for task in tasks])
        flows = await numbers_of(session, Kind.FLOW, {task.flow_id for task in tasks if task.flow_id})
        project = await number_of(session, Kind.PROJECT, place.project.id)
        clocked = await repository.clocked_among(session, [task.origin_id for task in tasks])
        actions = await self._actions(session, principal, place)
        rows = [
            row_of(
                task, numbers[task.id], flows.get(task.flow_id), create_method(task, clocked), place, project, actions
            )
            for task in tasks
        ]
        return counted(rows, None if asked.without_count else await repository.count_tasks(session, wanted))

    async def _actions(self, session: AsyncSession, principal: Principal, place: BusinessProject) -> list[str]:
        resource = project_resource(place.project.id)
        return [
            name
            for name, action in _ACTIONS.items()
            if await self._authorizer.allows(session, principal, action, resource)
        ]

    async def get_task_operate_record(
        self, session: AsyncSession, principal: Principal, asked: schemas.OperateRecords
    ) -> list[schemas.OperateRecord]:
        """What people did to the task and its nodes, in order."""
        place = await self._places.project(session, principal, asked)
        details = await self._details(session, principal, asked)
        project = await number_of(session, Kind.PROJECT, place.project.id)
        wanted = Entries(kind="operation", node_id=asked.node_id or None)
        events = await self._tasks.history(session, principal, details.task.id, wanted, _MOST_RECORDS)
        return [
            schemas.OperateRecord(
                project_id=project,
                instance_id=asked.task_id,
                operator=event.data.get("actor") or "",
                operate_type=event.data["operation"],
                operate_type_name=event.data["operation"],
                operate_date=moment(event.at),
                operate_source="api",
                operate_source_name="api",
                node_id=event.node_id or "",
                extra_info={},
            )
            for event in events
        ]

    async def operate_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.OperateTask
    ) -> Asked | None:
        if asked.action == "start":
            await self._creation.start_task(session, principal, asked)
            return None
        operation: TaskOperation = _OPERATIONS[asked.action](time.time(), principal.id)
        return await self._ask(session, principal, asked, operation)

    async def modify_constants_for_task(
        self, session: AsyncSession, principal: Principal, asked: schemas.ModifyConstants
    ) -> Asked:
        """For the nodes that begin from now on."""
        details = await self._details(session, principal, asked)
        inputs = given_inputs(asked.constants, details.definition)
        return await self._ask(session, principal, asked, ChangeInputsRequested(time.time(), inputs, principal.id))

    async def _ask(
        self, session: AsyncSession, principal: Principal, asked: schemas.OfTask, operation: TaskOperation
    ) -> Asked:
        place = await self._places.project(session, principal, asked)
        task = await self._places.task(session, place, asked.task_id)
        return await self._operations.ask(session, principal, task.id, operation)

    async def _details(self, session: AsyncSession, principal: Principal, asked: schemas.OfTask) -> TaskDetails:
        place = await self._places.project(session, principal, asked)
        task = await self._places.task(session, place, asked.task_id)
        return await self._tasks.get(session, principal, task.id)

    async def _several(
        self, session: AsyncSession, principal: Principal, asked: schemas.GetTasksStatus
    ) -> dict[int, TaskDetails]:
        place = await self._places.project(session, principal, asked)
        found = await self._places.tasks(session, place, asked.task_id_list)
        wanted = [number for number in dict.fromkeys(asked.task_id_list) if number in found]
        return {number: await self._tasks.get(session, principal, found[number].id) for number in wanted}
