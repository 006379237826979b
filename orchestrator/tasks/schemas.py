from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from kernel.contracts.plugin_invoker import CancelState
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flows.schemas import Body
from orchestrator.tasks.bulk import MOST_TASKS, BulkOperation, Outcome
from orchestrator.tasks.filters import TaskFilter
from orchestrator.tasks.origins import OriginKind

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
PlainText = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
IdOrNone = Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")]


class NodeView(BaseModel):
    """`attempt` counts the attempts since the node was last reached, `loop` how often it was; 0 before the first.

    `paused`: it will be held when it is reached.
    """

    node_id: str
    state: NodeState
    attempt: int
    loop: int
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    paused: bool


class TaskSummary(BaseModel):
    """`queued_at`: since when it waits until its project's quota lets it begin. `origin` is what started it,
    `origin_id` and `origin_name` are of the schedule, the trigger or whatever did. `common`: the flow is another
    project's.
    """

    id: str
    flow_id: str
    flow_name: str
    revision: int
    project_id: str
    name: str
    state: TaskState
    created_by: str
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    origin: OriginKind
    origin_id: str
    origin_name: str
    common: bool


class TaskSummaries(BaseModel):
    items: list[TaskSummary]


class StatusBody(Body):
    """`tasks` are ids."""

    tasks: Annotated[list[str], Field(min_length=1, max_length=200)]


class LoopView(BaseModel):
    """Items that have begun. `counts`: state → how many are in it, those that hold what failed as FAILED. `shown` are
    told among the task's nodes: those that failed first, then those under way.
    """

    counts: dict[NodeState, int]
    shown: int


class TaskProgress(TaskSummary):
    """What task events carry: the view without what never changes. `loops` by their paths: of their items `nodes` has
    100 at most; `GET /v1/tasks/{task}/nodes/{node}/inside` has all.
    """

    outputs: dict[str, Any] | None
    nodes: dict[str, NodeView]
    loops: dict[str, LoopView]


class InsideView(BaseModel):
    """What ran directly inside a node; of a loop, its items as `LoopView` counts and orders them. `next` is the cursor
    of the page after this one.
    """

    counts: dict[NodeState, int]
    items: list[NodeView]
    next: str | None


class TaskView(TaskProgress):
    """`nodes` has every node of the definition, `outputs` is empty until the task has finished."""

    inputs: dict[str, Any]
    definition: dict[str, Any]


class LogLine(BaseModel):
    at: datetime
    message: str


class CallView(BaseModel):
    """One call through the gateway; `status` 0 when no answer came, no key when it was a read. `executor` is in whose
    name it was made, where somebody else launched the task.
    """

    idempotency_key: str | None
    component: str
    status: int
    request_id: str
    executor: str
    at: datetime


class CancellationView(BaseModel):
    """That the plugin is told that the attempt is wanted no more. `reason` says why it was not reached, so far.

    `state`: `waiting` to be told, `cancelled`, had `ended` by itself, `not_offered` by the plugin, `not_reached`.
    """

    state: CancelState
    reason: str
    asked_at: datetime


class TaskCancellation(CancellationView):
    """`run_id` is the attempt's."""

    node_id: str
    run_id: str


class TaskCancellations(BaseModel):
    items: list[TaskCancellation]


class RunView(BaseModel):
    """One attempt at a node. `cancellation` is none for one whose plugin came to its end, or was never called."""

    id: str
    attempt: int
    loop: int
    state: NodeState
    inputs: dict[str, Any] | None
    outputs: dict[str, Any] | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None
    log: list[LogLine]
    calls: list[CallView]
    cancellation: CancellationView | None


class LockHolder(BaseModel):
    task_id: str
    task_name: str
    node_id: str


class NodeDetail(BaseModel):
    """`runs` in their order, the latest last. `lock`: key of the lock that the latest one waits for or holds, `held_by`
    who holds it while it waits. `event`: name and key of the event it waits for. `absent_approvers`: of those it waits
    for to decide, who may not sign in; where it is all of them, the project's owners and administrators decide.
    """

    node_id: str
    state: NodeState
    runs: list[RunView]
    lock: str | None
    held_by: list[LockHolder]
    event: str | None
    absent_approvers: list[str]


class HistoryEntry(BaseModel):
    """`kind` is task, node or operation; `data` what it became."""

    sequence: int
    at: datetime
    kind: str
    node_id: str | None
    data: dict[str, Any]


class RetryBody(Body):
    """`inputs` replace those of the same names, as plain values."""

    inputs: dict[str, Any] | None = None


class ChooseBody(Body):
    """`edges` are the ways to go: one behind an exclusive node, one or several behind an inclusive one."""

    edges: Annotated[list[str], Field(min_length=1, max_length=1000)]


class SignalBody(Body):
    """`data` becomes the node's output `data`, or goes to its plugin as a callback."""

    data: Any = None


class DecideBody(Body):
    """`data` is the node's form, filled in."""

    approved: bool = True
    comment: Annotated[str, Field(max_length=2000)] = ""
    data: dict[str, Any] = Field(default_factory=dict)


class ChangeInputsBody(Body):
    """`inputs` replace those of the same names; nodes that begin from now on see them."""

    inputs: Annotated[dict[str, Any], Field(min_length=1)]


class FilterBody(Body):
    """Of a project's tasks; what is left out narrows nothing. `name` is a part of it."""

    project: Annotated[str, Field(min_length=1, max_length=128)]
    state: Annotated[list[TaskState], Field(max_length=len(TaskState))] = Field(default_factory=list)
    flow: IdOrNone = ""
    created_by: PlainText = ""
    origin: OriginKind | None = None
    origin_id: IdOrNone = ""
    name: PlainText = ""
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> TaskFilter:
        return TaskFilter(
            self.state, self.flow, self.created_by, self.origin, self.origin_id, self.name, self.since, self.until
        )


class BulkBody(Body):
    """`tasks` are ids; without them `filter` says which. `retry` is of every failed node, `force_fail` of every node
    under way.
    """

    operation: BulkOperation
    tasks: Annotated[list[str], Field(max_length=MOST_TASKS)] = Field(default_factory=list)
    filter: FilterBody | None = None


class BulkResultView(BaseModel):
    """`nodes` are those it was done to; `code` and `reason` say why not, or why not to all of them."""

    task_id: str
    outcome: Outcome
    nodes: list[str]
    code: str
    reason: str


class BulkResults(BaseModel):
    items: list[BulkResultView]
    more: bool
