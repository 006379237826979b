"""Which operation is legal in which state; everything else is refused with the reason."""

from orchestrator.engine.events import (
    ChangeInputsRequested,
    ChooseRequested,
    DecideRequested,
    ForceFailRequested,
    NodeOperation,
    Operation,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SignalRequested,
    SkipRequested,
    TaskOperation,
)
from orchestrator.engine.model import State
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, NEVER_HELD, Node, NodeKind, StepNode
from orchestrator.flow.paths import ancestors, inside

NAMES: dict[type[Operation], str] = {
    PauseRequested: "pause",
    ResumeRequested: "resume",
    RevokeRequested: "revoke",
    ChangeInputsRequested: "change_inputs",
    RetryRequested: "retry",
    SkipRequested: "skip",
    ForceFailRequested: "force_fail",
    ChooseRequested: "choose",
    PauseNodeRequested: "pause_node",
    ResumeNodeRequested: "resume_node",
    SignalRequested: "signal",
    DecideRequested: "decide",
}
"""Operation → its name in history, messages and the audit log."""

_VERBS = {
    "change_inputs": "change its inputs",
    "force_fail": "be made to fail",
    "choose": "have its way chosen",
    "pause_node": "be paused",
    "resume_node": "resume",
    "skip": "be skipped",
    "signal": "be sent something",
    "decide": "be decided",
}

TASK_OPERATIONS: dict[TaskState, frozenset[str]] = {
    TaskState.CREATED: frozenset({"revoke", "change_inputs"}),
    TaskState.RUNNING: frozenset({"pause", "revoke", "change_inputs"}),
    TaskState.SUSPENDED: frozenset({"resume", "revoke", "change_inputs"}),
    TaskState.FAILED: frozenset({"pause", "revoke", "change_inputs"}),
    TaskState.FINISHED: frozenset(),
    TaskState.REVOKED: frozenset(),
}

_CALLED = frozenset({"force_fail"})
_AGAIN = frozenset({"pause_node", "resume_node"})
NODE_OPERATIONS: dict[NodeState, frozenset[str]] = {
    NodeState.PENDING: _AGAIN,
    NodeState.FAILED: frozenset({"retry", "skip", "choose"}),
    NodeState.RETRYING: frozenset({"retry", "skip", "force_fail"}),
    NodeState.RUNNING: _CALLED,
    NodeState.POLLING: _CALLED,
    NodeState.WAITING_CALLBACK: frozenset({"force_fail", "signal"}),
    NodeState.WAITING_TIMER: frozenset({"force_fail", "skip"}),
    NodeState.WAITING_EVENT: frozenset({"force_fail", "skip", "signal"}),
    NodeState.WAITING_DECISION: frozenset({"force_fail", "decide"}),
    NodeState.WAITING_LOCK: frozenset({"force_fail", "skip"}),
    NodeState.SUSPENDED: frozenset({"resume_node"}),
    NodeState.FINISHED: _AGAIN,
    NodeState.IGNORED: _AGAIN,
    NodeState.SKIPPED: _AGAIN,
    NodeState.NOT_TAKEN: _AGAIN,
    NodeState.REVOKED: frozenset(),
}
"""Node state → operations; a node that is over can be paused only where a loop may lead to it again."""

_OVER = frozenset({NodeState.FINISHED, NodeState.IGNORED, NodeState.SKIPPED, NodeState.NOT_TAKEN})
_OPEN = frozenset({"force_fail", "pause_node", "resume_node"})
_STUCK = frozenset({"retry", "skip"})
"""On a subflow or loop that runs: always, and where something inside it has failed and nothing is under way."""


class InvalidOperation(Exception):
    """The operation is not legal in the present state; the text says why, for the person who asked."""


def node_of(operation: Operation) -> str | None:
    """The node an operation is about."""
    return None if isinstance(operation, TaskOperation) else operation.node


def check_operation(graph: Graph, state: State, operation: Operation) -> None:
    """Raises InvalidOperation when it is not legal now."""
    name = NAMES[type(operation)]
    if not isinstance(operation, TaskOperation):
        _check_node(graph, state, operation, name)
    elif name not in TASK_OPERATIONS[state.status]:
        raise InvalidOperation(f"a task that is {state.status} cannot {_verb(name)}")


def _check_node(graph: Graph, state: State, operation: NodeOperation, name: str) -> None:
    node = graph.find(operation.node)
    if node is None:
        raise InvalidOperation(f"the flow has no node {operation.node!r}")
    if state.status in ENDED:
        raise InvalidOperation(f"the task is {state.status}: its nodes can no longer {_verb(name)}")
    if name not in _AGAIN:
        _check_around(graph, state, operation.node, name)
    run = state.runs.get(operation.node)
    found = run.state if run is not None else NodeState.PENDING
    if run is not None and run.is_open:
        _check_open(state, node, operation.node, name)
    elif name not in NODE_OPERATIONS[found]:
        raise InvalidOperation(f"{node.label} is {found}: {_needed(name)}")
    if any(token.node == operation.node for token in state.held):
        raise InvalidOperation(f"{node.label} will run as soon as the task resumes")
    _check_kind(graph, state, node, operation, found)


def _check_around(graph: Graph, state: State, path: str, name: str) -> None:
    """What is over took along what lies in it: nothing there can go on, whatever its own state."""
    for outer in ancestors(path):
        run = state.runs.get(outer)
        if run is not None and not run.is_open:
            around, node = graph.nodes[outer], graph.nodes[path]
            raise InvalidOperation(f"{around.label} is {run.state}: {node.label} in it can no longer {_verb(name)}")


def _check_kind(graph: Graph, state: State, node: Node, operation: NodeOperation, found: NodeState) -> None:
    match operation:
        case RetryRequested() | SkipRequested() | ForceFailRequested():
            _check_step(node, NAMES[type(operation)])
        case ChooseRequested():
            _check_choice(graph, node, operation)
        case PauseNodeRequested():
            _check_pause(graph, state, operation.node, found)
        case ResumeNodeRequested() if found is not NodeState.SUSPENDED and operation.node not in state.paused:
            raise InvalidOperation(f"{node.label} is not paused")
        case DecideRequested(approved=False) if node.kind is NodeKind.CONFIRM:
            raise InvalidOperation(f"{node.label} asks to confirm: there is nothing to refuse")
        case _:
            pass


def _check_step(node: Node, name: str) -> None:
    if not isinstance(node, StepNode):
        if name != "retry":
            raise InvalidOperation(f"{node.label} is a {node.kind.value} node and cannot {_verb(name)}")
    elif (name == "retry" and not node.retryable) or (name == "skip" and not node.skippable):
        raise InvalidOperation(f"the flow does not allow to {name} {node.label}")


def _check_open(state: State, node: Node, path: str, name: str) -> None:
    if name in _OPEN:
        return
    if name not in _STUCK:
        raise InvalidOperation(f"{node.label} is RUNNING: {_needed(name)}")
    states = [run.state for run in state.runs.values() if inside(run.node, path) and not run.is_open]
    if NodeState.FAILED not in states or any(found in LIVE for found in states):
        raise InvalidOperation(
            f"{node.label} is RUNNING: it can {_verb(name)} once a node inside has failed and none runs"
        )


def _check_choice(graph: Graph, node: Node, operation: ChooseRequested) -> None:
    if node.kind not in DECIDING:
        raise InvalidOperation(f"{node.label} is a {node.kind.value} node: there is nothing to choose")
    wanted = set(operation.edges)
    if len(graph.named(operation.node, wanted)) < max(1, len(wanted)):
        known = sorted(edge.id for edge in graph.outgoing[operation.node])
        raise InvalidOperation(f"these are no edges of {node.label}: choose among {', '.join(known)}")
    if node.kind is NodeKind.EXCLUSIVE and len(wanted) > 1:
        raise InvalidOperation(f"{node.label} goes one way only: choose one edge")


def _check_pause(graph: Graph, state: State, path: str, found: NodeState) -> None:
    node = graph.nodes[path]
    if node.kind in NEVER_HELD:
        raise InvalidOperation(f"{node.label} is a {node.kind.value} node and cannot be paused")
    if path in state.paused:
        raise InvalidOperation(f"{node.label} is to be paused already")
    if found in _OVER and not graph.in_loop(path):
        raise InvalidOperation(f"{node.label} is {found} and will not be reached again")


def _verb(name: str) -> str:
    return _VERBS.get(name, name)


def _needed(name: str) -> str:
    states = [state for state, operations in NODE_OPERATIONS.items() if name in operations]
    return f"only a {' or '.join(states)} node can {_verb(name)}"
