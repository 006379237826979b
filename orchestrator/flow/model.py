"""A flow as it is drawn: nodes by kind, edges between them; plain frozen values, readable and writable as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class NodeKind(StrEnum):
    START = "start"
    END = "end"
    PLUGIN = "plugin"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    JOIN = "join"
    TIMER = "timer"
    WAIT = "wait"
    CONFIRM = "confirm"
    APPROVAL = "approval"
    NOTIFY = "notify"
    EXPRESSION = "expression"
    SUBFLOW = "subflow"
    MAP = "map"


DECIDING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE})
"""Kinds whose outgoing edges have conditions."""
FORKING = frozenset({NodeKind.PARALLEL, NodeKind.INCLUSIVE})
"""Kinds that open branches which come together in a join."""

NEVER_HELD = frozenset({NodeKind.START, NodeKind.JOIN})
"""Kinds that no token waits in front of because somebody wants it."""

LOOP_LIMIT = 100
"""How often an edge may lead back where it does not say otherwise."""


class OnFailure(StrEnum):
    """What becomes of the flow when a node has failed for good."""

    STOP = "stop"
    IGNORE = "ignore"
    HANDLE = "handle"


class TimeoutAction(StrEnum):
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that carries no settings of its own: start, end, exclusive, parallel, inclusive, join."""

    id: str
    kind: NodeKind
    name: str = ""

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Retry:
    """Automatic attempts after a failed one.

    Attributes:
        times: how many.
        interval: seconds before the first.
        factor: by which the interval grows from one to the next.
    """

    times: int
    interval: float = 0.0
    factor: float = 1.0

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the n-th attempt failed."""
        return min(self.interval * self.factor ** (attempt - 1), 86_400.0)


@dataclass(frozen=True, slots=True)
class Timeout:
    """An attempt that takes longer than ``seconds`` is ended."""

    seconds: float
    action: TimeoutAction = TimeoutAction.FAIL


@dataclass(frozen=True, slots=True)
class Lock:
    """Keeps nodes of a project's tasks apart that name the same key.

    Attributes:
        key: template of a text.
        limit: how many may be under way at once.
    """

    key: str
    limit: int = 1


@dataclass(frozen=True, slots=True)
class StepNode(Node):
    """A node that can take time, fail and be operated.

    Attributes:
        lock: waited for before each attempt, held until its end.
        retryable, skippable: what people may do when it has failed.
        optional: whoever launches a task may leave it out.
        on_failure: with HANDLE the edge marked ``failure`` is taken.
    """

    retryable: bool = True
    skippable: bool = True
    optional: bool = False
    retry: Retry | None = None
    timeout: Timeout | None = None
    on_failure: OnFailure = OnFailure.STOP
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class Mock:
    """What a plugin node is answered without its plugin: outputs, or the error it fails with."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class ActingNode(StepNode):
    """A node that calls through the gateway, or whose nodes inside do.

    Attributes:
        executor: user name of the person in whose name; see `orchestrator.flow.executors`. Empty: as the flow says.
    """

    executor: str = ""


@dataclass(frozen=True, slots=True)
class PluginNode(ActingNode):
    """Runs one version of a plugin; texts inside ``inputs`` may hold ``${…}``, resolved just before it runs.

    Attributes:
        mock: in a mock run, the answer of a node whose plugin is not called; a published flow has none.
    """

    plugin: str = ""
    version: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    mock: Mock | None = None


@dataclass(frozen=True, slots=True)
class TimerNode(StepNode):
    """Goes on after ``seconds``, or at the moment ``until`` (RFC 3339); each may be a template."""

    seconds: float | str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class WaitNode(StepNode):
    """Goes on when somebody sends it something, or when an event comes; its output ``data`` is what was sent.

    Attributes:
        event: name of the event it waits for; empty where it waits for none.
        key: template of what tells this event from others of its name.
    """

    event: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class DecisionNode(StepNode):
    """Asks a person: to confirm, or to approve or refuse.

    Attributes:
        message: template of what is asked.
        form: what is asked for besides, as a flow's form; the output ``data`` has it.
        approvers: templates of user names, or of one list of them; whoever may operate the task where there are none.
    """

    message: str = ""
    form: Mapping[str, Any] | None = None
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotifyNode(ActingNode):
    """Tells people something.

    Attributes:
        title, content: templates.
        people: templates of user names, or of lists of them.
        groups: notice groups of the project.
        launcher: whether who launched the task is told too.
        types: kinds of message, for those who have not said by which they want to hear.
        mock: see `PluginNode`; in a mock run nobody is told.
    """

    title: str = ""
    content: str = ""
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    launcher: bool = False
    types: tuple[str, ...] = ()
    mock: Mock | None = None


@dataclass(frozen=True, slots=True)
class ExpressionNode(StepNode):
    """Computes its outputs; ``values`` has a CEL expression for each."""

    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubflowNode(ActingNode):
    """Runs another flow of the project, with inputs and outputs of its own.

    Attributes:
        flow: its id.
        revision: the one it is pinned to; none for whichever is the latest when a task is launched.
        inputs: templates.
    """

    flow: str = ""
    revision: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What a task's definition keeps the other flow under."""
        return f"{self.flow}@{self.revision}"


@dataclass(frozen=True, slots=True)
class MapNode(SubflowNode):
    """Runs another flow once for each item of a list.

    Attributes:
        items: template of the list; ``inputs`` may refer to ``item`` and ``index``.
        parallel: how many items at once; 1 goes through them one after the other.
    """

    items: Any = None
    parallel: int = 1


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to another.

    Attributes:
        condition, default: have a meaning on the edges that leave an exclusive or inclusive node only.
        failure: the way a step takes when it has failed and its ``on_failure`` is HANDLE.
        limit: how often it may lead back before the flow goes on behind it; only for an edge that closes a loop.
    """

    id: str
    source: str
    target: str
    condition: str | None = None
    default: bool = False
    name: str = ""
    failure: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a node of an earlier task came to.

    Attributes:
        state: FINISHED, IGNORED, SKIPPED or NOT_TAKEN.
        outputs: only where it has left any.
        number: of its run in that task; the later one has the higher. It isn't written.
    """

    state: str
    outputs: Mapping[str, Any] | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a task begins that goes on from an earlier one.

    Attributes:
        node: its path; the forks in whose branches it lies are kept, and the other branches over.
        kept: path → what the node came to there; these do not run again unless a loop leads to them.
        entered: path of each subflow the node lies in → the inputs that the flow inside had there.
    """

    node: str
    kept: Mapping[str, Kept]
    entered: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constant:
    """A named value that nobody is asked for.

    Attributes:
        value: template, of inputs, nodes and other constants too.
        schema: what it is, as a form's schema says it of a field: ``title``, ``description``, ``type``, ``pattern``.
        once: worked out with the inputs the flow began with, whatever becomes of these; it can't name nodes.
    """

    value: Any
    schema: Mapping[str, Any] = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One definition.

    Attributes:
        form: the form of the flow's inputs (``schema``, ``uischema``, ``i18n``), or none when it asks for nothing.
        outputs: named templates, resolved when the task has finished.
        layout: node id → position on the canvas; the engine never looks at it.
        left_out: optional nodes that a task does without; a published flow has none.
        subflows: the flows that a task runs inside this one, at whatever depth, by `SubflowNode.key`; a published flow
            has none.
        begin: where a task begins that does not do so at the start node; a published flow has none.
        executor: user name of the person in whose name its nodes call that name nobody themselves.
        project_executor: the same, for a task whose flow names nobody either: its project's when it was launched; a
            published flow has none.
        constants: by name.
        project_variables: those of its project that a task names, with the values they had when it was launched; a
            published flow has none.
        project_secrets: names of those of its project that a task may open; a published flow has none.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    form: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    subflows: Mapping[str, "Flow"] = field(default_factory=dict)
    begin: Beginning | None = None
    executor: str = ""
    project_executor: str = ""
    constants: Mapping[str, Constant] = field(default_factory=dict)
    project_variables: Mapping[str, Any] = field(default_factory=dict)
    project_secrets: frozenset[str] = frozenset()
