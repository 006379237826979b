from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse
from starlette.responses import Response, StreamingResponse

from kernel.http.dependencies import ONLY_READS, PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import FeedsDep, StartServiceDep, TaskServiceDep
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.paths import MAX_PATH
from orchestrator.runtime.history import Entries
from orchestrator.tasks.filters import TaskFilter
from orchestrator.tasks.origins import OriginKind
from orchestrator.tasks.schemas import (
    HistoryEntry,
    IdOrNone,
    InsideView,
    Moment,
    NodeDetail,
    PlainText,
    StatusBody,
    TaskCancellations,
    TaskSummaries,
    TaskSummary,
    TaskView,
)
from orchestrator.tasks.views import history_entry, inside_view, node_detail, task_cancellation, task_summary, task_view

router = APIRouter(tags=["tasks"], route_class=StrictJsonRoute)

_MAX_SEQUENCE = 2**31 - 1
Sequence = Annotated[int, Query(ge=0, le=_MAX_SEQUENCE)]
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def task_filter(
    state: Annotated[list[TaskState] | None, Query(description="one or several")] = None,
    flow: IdOrNone = "",
    created_by: PlainText = "",
    origin: OriginKind | None = None,
    origin_id: IdOrNone = "",
    name: Annotated[PlainText, Query(description="part of it")] = "",
    since: Annotated[Moment | None, Query(description="when it was made")] = None,
    until: Moment | None = None,
) -> TaskFilter:
    return TaskFilter(tuple(state or ()), flow, created_by, origin, origin_id, name, since, until)


TaskFilterDep = Annotated[TaskFilter, Depends(task_filter)]


@router.get("/projects/{project}/tasks")
async def list_tasks(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    page: PageDep,
    wanted: TaskFilterDep,
) -> Page[TaskSummary]:
    """The newest first."""
    found = await tasks.list_in_project(session, principal, project, wanted, page)
    return Page(items=[task_summary(task) for task in found.items], next=found.next)


@router.get("/tasks")
async def list_own_tasks(
    session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep, page: PageDep, wanted: TaskFilterDep
) -> Page[TaskSummary]:
    """Those the caller launched, in whatever project; the newest first."""
    found = await tasks.list_own(session, principal, wanted, page)
    return Page(items=[task_summary(task) for task in found.items], next=found.next)


@router.post("/tasks:status", dependencies=[ONLY_READS])
async def get_statuses(
    body: StatusBody, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep
) -> TaskSummaries:
    """How up to 200 tasks stand; what is not there, or not for the caller to see, is left out."""
    found = await tasks.several(session, principal, body.tasks)
    return TaskSummaries(items=[task_summary(task) for task in found])


@router.get("/tasks/{task}")
async def get_task(task: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep) -> TaskView:
    return task_view(await tasks.get(session, principal, task))


@router.post("/tasks/{task}:start")
async def start_task(
    task: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep, starts: StartServiceDep
) -> TaskView:
    """Lets a task begin that was made without being started."""
    await starts.start(session, principal, task)
    return task_view(await tasks.get(session, principal, task))


@router.get("/tasks/{task}/nodes/{node}")
async def get_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep
) -> NodeDetail:
    """Every attempt at a node, with inputs, outputs, log and calls."""
    return node_detail(await tasks.node(session, principal, task, node))


@router.get("/tasks/{task}/nodes/{node}/inside")
async def list_inside(
    task: str,
    node: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    state: NodeState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Sequence = 0,
) -> InsideView:
    """What ran directly inside a subflow, a loop or an item of one; of a loop those that failed first. `counts` are of
    all states, whichever is asked for.
    """
    return inside_view(await tasks.inside(session, principal, task, node, state), limit, cursor)


@router.get("/tasks/{task}/cancellations")
async def list_cancellations(
    task: str, session: SessionDep, principal: PrincipalDep, tasks: TaskServiceDep
) -> TaskCancellations:
    """Attempts whose plugins are told that nobody waits for them any more, and what became of it."""
    found = await tasks.cancellations(session, principal, task)
    return TaskCancellations(items=[task_cancellation(cancellation) for cancellation in found])


@router.get("/tasks/{task}/history")
async def get_history(
    task: str,
    session: SessionDep,
    principal: PrincipalDep,
    tasks: TaskServiceDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Sequence = 0,
    kind: Literal["task", "node", "operation"] | None = None,
    node: Annotated[str | None, Query(max_length=MAX_PATH, pattern=r"^[^\x00]*$")] = None,
) -> Page[HistoryEntry]:
    """Everything that happened to the task, in order; `cursor` is the sequence the page follows. `kind` `operation` is
    what people did to it.
    """
    found = await tasks.history(session, principal, task, Entries(cursor, kind, node), limit)
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
