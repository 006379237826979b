"""Which operation is legal in which state; everything else is refused with the reason."""

from orchestrator.engine.events import (
    NodeOperation,
    Operation,
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
)
from orchestrator.engine.model import State
from orchestrator.engine.states import ENDED, NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NodeKind, PluginNode

NAMES: dict[type[Operation], str] = {
    PauseRequested: "pause",
    ResumeRequested: "resume",
    RevokeRequested: "revoke",
    RetryRequested: "retry",
    SkipRequested: "skip",
}

TASK_OPERATIONS: dict[TaskState, frozenset[str]] = {
    TaskState.CREATED: frozenset({"revoke"}),
    TaskState.RUNNING: frozenset({"pause", "revoke"}),
    TaskState.SUSPENDED: frozenset({"resume", "revoke"}),
    TaskState.FAILED: frozenset({"pause", "revoke"}),
    TaskState.FINISHED: frozenset(),
    TaskState.REVOKED: frozenset(),
}

NODE_OPERATIONS: dict[NodeState, frozenset[str]] = {
    state: frozenset({"retry", "skip"}) if state is NodeState.FAILED else frozenset() for state in NodeState
}


class InvalidOperation(Exception):
    """The operation is not legal in the present state; the text says why, for the person who asked."""


def check_operation(graph: Graph, state: State, operation: Operation) -> None:
    """Raises InvalidOperation when it is not legal now."""
    name = NAMES[type(operation)]
    if isinstance(operation, RetryRequested | SkipRequested):
        _check_node(graph, state, operation, name)
    elif name not in TASK_OPERATIONS[state.status]:
        raise InvalidOperation(f"a task that is {state.status} cannot {name}")


def _check_node(graph: Graph, state: State, operation: NodeOperation, name: str) -> None:
    node = graph.nodes.get(operation.node)
    if node is None:
        raise InvalidOperation(f"the flow has no node {operation.node!r}")
    if state.status in ENDED:
        raise InvalidOperation(f"the task is {state.status}: its nodes can no longer {name}")
    run = state.runs.get(node.id)
    found = run.state if run is not None else NodeState.PENDING
    if name not in NODE_OPERATIONS[found]:
        raise InvalidOperation(f"{node.label} is {found}: only a FAILED node can {name}")
    if any(token.node == node.id for token in state.held):
        raise InvalidOperation(f"{node.label} will run as soon as the task resumes")
    if isinstance(node, PluginNode):
        if not (node.retryable if name == "retry" else node.skippable):
            raise InvalidOperation(f"the flow does not allow to {name} {node.label}")
    elif name == "skip" and node.kind is not NodeKind.PLUGIN:
        raise InvalidOperation(f"{node.label} is a {node.kind.value} node and cannot be skipped")
