"""Tasks that somebody asks for and others run, as the functionalization tasks that clients of Standard OPS know."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action
from kernel.contracts.project_businesses import BusinessProject
from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.handover.models import TaskRequest
from orchestrator.handover.service import HandoverService, Submission
from orchestrator.handover.states import RequestState
from orchestrator.runtime.models import Task
from orchestrator.sops.answering import Beside, counted
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.functionalization.repository import Wanted, count_requests, find_requests
from orchestrator.sops.functionalization.schemas import ClaimFunctionTask, FunctionTask, ListFunctionTasks, Status
from orchestrator.sops.moments import moment
from orchestrator.sops.numbers import Kind, give, numbered, numbers_of, subject_of, subjects_of
from orchestrator.sops.places import Places
from orchestrator.sops.tasks.filtering import between
from orchestrator.sops.tasks.given import given_inputs
from orchestrator.sops.tasks.making import CreateMethod, create_method
from orchestrator.sops.tasks.rows import row_of
from orchestrator.sops.tasks.schemas import CreateTask, SubmittedTask, TaskRow
from orchestrator.sops.tasks.simplified import simplified
from orchestrator.sops.trees import called_flows, tree_of, with_values

_STATUSES: Mapping[RequestState, Status] = {
    RequestState.SUBMITTED: "submitted",
    RequestState.CLAIMED: "claimed",
    RequestState.STARTED: "executed",
    RequestState.REJECTED: "rejected",
    RequestState.WITHDRAWN: "rejected",
    RequestState.EXPIRED: "rejected",
}


class FunctionTaskComponents:
    """A request has a number by which it is claimed and started, and by which its task is found from then on.

    Args:
        request_url: address of a request's page, with `{request}` where its id stands.
    """

    def __init__(self, places: Places, handover: HandoverService, request_url: str) -> None:
        self._places = places
        self._handover = handover
        self._request_url = request_url

    async def get_functionalization_task_list(
        self, session: AsyncSession, principal: Principal, asked: ListFunctionTasks
    ) -> Beside:
        """Of the projects whose tasks the person may operate."""
        places = {each.project.id: each for each in await self._places.visible(session, principal, Action.TASK_OPERATE)}
        if asked.project_id is not None:
            wanted_project = await subject_of(session, Kind.PROJECT, asked.project_id)
            places = {each: place for each, place in places.items() if each == wanted_project}
        wanted = await _wanted(session, asked, places)
        found = await find_requests(session, wanted, asked.limit, asked.offset)
        return counted(await _told(session, found, places), await count_requests(session, wanted))

    async def claim_functionalization_task(
        self, session: AsyncSession, principal: Principal, asked: ClaimFunctionTask
    ) -> str:
        place = await self._places.project(session, principal, asked)
        request = await self._places.request(session, place, asked.task_id)
        await self._handover.claim(session, principal, request.id)
        if asked.constants or asked.name:
            flow = await require_flow(session, request.flow_id)
            definition = (await require_revision(session, flow, request.revision)).definition
            inputs = {**request.inputs, **given_inputs(asked.constants, definition)}
            await self._handover.adjust(session, principal, request.id, inputs, asked.name or None)
        return "success"

    async def submitted(
        self, session: AsyncSession, principal: Principal, place: BusinessProject, flow: FlowRow, asked: CreateTask
    ) -> SubmittedTask:
        """Asks for a task in place of making one.

        Raises:
            ParameterWrong: something is chosen that whoever runs it would have to choose.
        """
        for field in ("exclude_task_nodes_id", "execute_task_nodes_id", "template_schemes_id", "callback_url"):
            if getattr(asked, field):
                raise ParameterWrong(field, "does not go with flow_type common_func: whoever claims the task runs it")
        if flow.project_id != place.project.id:
            raise ParameterWrong("template_source", "a common template has no tasks of flow_type common_func")
        definition = (await require_revision(session, flow, None)).definition
        form = (definition.get("form") or {"schema": {}})["schema"]
        inputs = simplified(given_inputs(asked.constants, definition), asked.simplify_vars, form)
        submission = Submission(inputs, asked.name, "")
        seen = await self._handover.submit(session, principal, flow.id, submission)
        called = called_flows(definition)
        if called:
            await give(session, Kind.FLOW, sorted(called))
        tree = with_values(await tree_of(session, definition), masked(seen.request.inputs))
        address = self._request_url.format(request=seen.request.id)
        return SubmittedTask(
            task_id=await numbered(session, Kind.REQUEST, seen.request.id),
            task_url=address,
            pipeline_tree=tree,
            function_task_claim_url=address,
        )

    async def started(
        self, session: AsyncSession, principal: Principal, place: BusinessProject, number: int
    ) -> str | None:
        """The id of the task that is started for a request; none where the number is no waiting request's."""
        if await subject_of(session, Kind.REQUEST, number) is None:
            return None
        request = await self._places.request(session, place, number)
        if request.task_id is not None:
            return None
        return (await self._handover.start(session, principal, request.id, {})).request.task_id


async def _wanted(session: AsyncSession, asked: ListFunctionTasks, places: Mapping[str, BusinessProject]) -> Wanted:
    ids: set[str] | None = None
    for numbers in (asked.id_in, asked.task_id_in):
        if numbers is not None:
            found = {
                *(await subjects_of(session, Kind.REQUEST, numbers)).values(),
                *(await subjects_of(session, Kind.TASK, numbers)).values(),
            }
            ids = found if ids is None else ids & found
    made = between(("create_time_gte", asked.create_time_gte), ("create_time_lte", asked.create_time_lte))
    return Wanted(list(places), ids, asked.status, asked.execute_status, asked.creator, asked.claimant, *made)


async def _told(
    session: AsyncSession,
    found: Sequence[tuple[TaskRequest, Task | None]],
    places: Mapping[str, BusinessProject],
) -> list[FunctionTask]:
    numbers = await numbers_of(session, Kind.REQUEST, [request.id for request, _ in found])
    tasks = await numbers_of(session, Kind.TASK, [task.id for _, task in found if task is not None])
    flows = await numbers_of(session, Kind.FLOW, {request.flow_id for request, _ in found})
    projects = await numbers_of(session, Kind.PROJECT, {request.project_id for request, _ in found})
    told = []
    for request, task in found:
        place, project = places[request.project_id], projects[request.project_id]
        if task is None:
            row = _waiting(request, numbers[request.id], flows[request.flow_id], place, project)
        else:
            row = row_of(task, tasks[task.id], flows[request.flow_id], create_method(task, ()), place, project)
        told.append(_function_task(request, task, numbers[request.id], row))
    return told


def _function_task(request: TaskRequest, task: Task | None, number: int, row: TaskRow) -> FunctionTask:
    state = RequestState(request.state)
    status = _STATUSES[state]
    if state is RequestState.STARTED and (task is None or task.finished_at is not None):
        status = "finished"
    given_up = status == "rejected"
    return FunctionTask(
        id=number,
        name=request.name,
        creator=request.requester,
        rejecter=request.settled_by if given_up else "",
        claimant=request.claimed_by,
        predecessor="",
        create_time=moment(request.created_at),
        claim_time=moment(request.claimed_at),
        reject_time=moment(request.settled_at if given_up else None),
        transfer_time="",
        status=status,
        task=row,
    )


def _waiting(request: TaskRequest, number: int, flow: int, place: BusinessProject, project: int) -> TaskRow:
    """The row of a task that is not made yet, or went to the archive."""
    return TaskRow(
        id=number,
        name=request.name,
        category="Other",
        creator=request.requester,
        executor="",
        create_time=moment(request.created_at),
        start_time="",
        finish_time="",
        is_started=request.task_id is not None,
        is_finished=request.task_id is not None,
        template_source="project",
        template_id=flow,
        create_method=CreateMethod.APP,
        is_child_taskflow=False,
        project_id=project,
        project_name=place.project.name,
        bk_biz_id=place.bk_biz_id,
        bk_biz_name=place.project.name,
    )
