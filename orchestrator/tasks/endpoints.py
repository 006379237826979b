import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse
from starlette.responses import JSONResponse, Response, StreamingResponse

from kernel.http.after_commit import AfterCommit
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import FeedsDep, OperationServiceDep, TaskServiceDep
from orchestrator.engine.events import PauseRequested, ResumeRequested, RetryRequested, RevokeRequested, SkipRequested
from orchestrator.engine.states import TaskState
from orchestrator.tasks.operations import Asked, OperationService
from orchestrator.tasks.schemas import HistoryEntry, NodeDetail, NodeView, RetryBody, TaskSummary, TaskView
from orchestrator.tasks.views import history_entry, node_detail, node_view, task_summary, task_view

router = APIRouter(tags=["tasks"], route_class=StrictJsonRoute)

_MAX_SEQUENCE = 2**31 - 1
Sequence = Annotated[int, Query(ge=0, le=_MAX_SEQUENCE)]
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/projects/{project}/tasks")
async def list_tasks(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    page: PageDep,
    state: TaskState | None = None,
) -> Page[TaskSummary]:
    """The newest first."""
    found = await tasks.list_in_project(session, principal, project, state, page)
    return Page(items=[task_summary(task) for task in found.items], next=found.next)


@router.get("/tasks")
async def list_own_tasks(
    session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep, page: PageDep, state: TaskState | None = None
) -> Page[TaskSummary]:
    """Those the caller launched, in whatever project; the newest first."""
    found = await tasks.list_own(session, principal, state, page)
    return Page(items=[task_summary(task) for task in found.items], next=found.next)


@router.get("/tasks/{task}")
async def get_task(task: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep) -> TaskView:
    return task_view(await tasks.get(session, principal, task))


@router.get("/tasks/{task}/nodes/{node}")
async def get_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep
) -> NodeDetail:
    """Every attempt at a node, with inputs, outputs, log and calls."""
    return node_detail(await tasks.node(session, principal, task, node))


@router.get("/tasks/{task}/history")
async def get_history(
    task: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Sequence = 0,
) -> Page[HistoryEntry]:
    """Everything that happened to the task, in order; `cursor` is the sequence the page follows."""
    found = await tasks.history(session, principal, task, cursor, limit)
    more = str(found[limit - 1].sequence) if len(found) > limit else None
    return Page(items=[history_entry(event) for event in found[:limit]], next=more)


@router.get(
    "/tasks/{task}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {EventSourceResponse.media_type: {}}, "description": "`task` and `node` events"},
        204: {"description": "The task has ended, and the client has seen everything"},
    },
)
async def follow_task(
    task: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    feeds: FeedsDep,
    last_event_id: Annotated[int | None, Header(ge=0, le=_MAX_SEQUENCE)] = None,
) -> Response:
    """Begins with the task as it is, or behind `Last-Event-ID`; ends with the task as it was left."""
    await tasks.get(session, principal, task)
    events = await feeds.open(task, last_event_id)
    if events is None:
        return Response(status_code=204)
    return StreamingResponse(events, media_type=EventSourceResponse.media_type, headers=_STREAM_HEADERS)


@router.post("/tasks/{task}:pause", response_model=TaskView)
async def pause_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Nodes under way finish, no further one begins."""
    asked = await operations.ask(session, principal, task, PauseRequested(time.time(), principal.id))
    return AfterCommit(_task_answer(operations, asked))


@router.post("/tasks/{task}:resume", response_model=TaskView)
async def resume_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    asked = await operations.ask(session, principal, task, ResumeRequested(time.time(), principal.id))
    return AfterCommit(_task_answer(operations, asked))


@router.post("/tasks/{task}:revoke", response_model=TaskView)
async def revoke_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Ends the task for good; nodes under way finish, no further one begins."""
    asked = await operations.ask(session, principal, task, RevokeRequested(time.time(), principal.id))
    return AfterCommit(_task_answer(operations, asked))


@router.post("/tasks/{task}/nodes/{node}:retry", response_model=NodeView)
async def retry_node(
    task: str,
    node: str,
    session: SessionDep,
    principal: PrincipalDep,
    operations: OperationServiceDep,
    body: RetryBody | None = None,
) -> Response:
    """Runs a failed node again; `inputs` replace those of the same names."""
    inputs = None if body is None else body.inputs
    operation = RetryRequested(time.time(), node, inputs, principal.id)
    asked = await operations.ask(session, principal, task, operation)
    return AfterCommit(_node_answer(operations, asked, node))


@router.post("/tasks/{task}/nodes/{node}:skip", response_model=NodeView)
async def skip_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Goes on behind a failed node, without its outputs."""
    asked = await operations.ask(session, principal, task, SkipRequested(time.time(), node, principal.id))
    return AfterCommit(_node_answer(operations, asked, node))


def _task_answer(operations: OperationService, asked: Asked) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        done = await operations.settled(asked)
        view = task_view(await operations.outcome(asked))
        return JSONResponse(view.model_dump(mode="json"), 200 if done else 202)

    return answer


def _node_answer(operations: OperationService, asked: Asked, node: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        done = await operations.settled(asked)
        details = await operations.outcome(asked)
        return JSONResponse(node_view(node, details.runs.get(node)).model_dump(mode="json"), 200 if done else 202)

    return answer
