"""What holds of every task whose state is durable. One that breaks any of it can't go on by itself.

A flow is a number of tokens under way: each flow has one, a parallel node has one for every branch that has not come to
the join. A node that runs, failed, or holds a token that waits in front of it carries one; nothing else does.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.engine.model import State
from orchestrator.engine.states import ENDED, NodeState, TaskState
from orchestrator.engine.steps import deadline
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import StepNode
from orchestrator.flow.paths import scope_of

_TIMED = frozenset({NodeState.POLLING, NodeState.WAITING_TIMER, NodeState.RETRYING})
"""Node states that only a time ends."""
_NOT_BEGUN = frozenset({NodeState.SUSPENDED, NodeState.WAITING_LOCK})
"""Node states whose time is not limited yet."""
_UNDER_WAY = frozenset({TaskState.RUNNING, TaskState.FAILED, TaskState.SUSPENDED})


class Invariant(StrEnum):
    """Names by which `trunkline doctor` tells what is broken."""

    STATE_FITS_NODES = "state_fits_nodes"
    NODE_IN_FLOW = "node_in_flow"
    TOKEN_KEPT = "token_kept"  # noqa: S105  a token of a flow, not a credential
    CALL_MADE = "call_made"
    WAIT_ENDS = "wait_ends"
    DUE_ONLY_UNDER_WAY = "due_only_under_way"
    NUMBERS_COVER_ROWS = "numbers_cover_rows"
    END_DATED = "end_dated"
    DEFINITION_READABLE = "definition_readable"
    OWNER_ALIVE = "owner_alive"
    START_TAKEN = "start_taken"
    TIMER_TAKEN = "timer_taken"
    MESSAGE_TAKEN = "message_taken"
    MESSAGE_HAS_TASK = "message_has_task"
    CANCELLATION_TAKEN = "cancellation_taken"


@dataclass(frozen=True, slots=True)
class Breach:
    """Attributes:
    node: path of the node it is about; none when it is about the task.
    why: what is seen, for people.
    """

    invariant: Invariant
    node: str | None
    why: str


def breaches(graph: Graph, state: State) -> Iterator[Breach]:
    """What of a durable state is broken, whoever owns the task."""
    yield from _of_nodes(graph, state)
    yield from _of_status(state)
    yield from _of_tokens(state)


def breaches_at_rest(graph: Graph, state: State) -> Iterator[Breach]:
    """What is broken besides in a task that nobody owns: all that it waits for must then stand in its rows."""
    for name in sorted(state.live | state.open):
        run, node = state.runs[name], graph.find(name)
        if run.state is NodeState.RUNNING and not run.is_open:
            yield Breach(Invariant.CALL_MADE, name, "its plugin was to be called, and nobody calls it")
        elif run.state in _TIMED and run.due is None:
            yield Breach(Invariant.WAIT_ENDS, name, f"it is {run.state}, and no time is set to look at it again")
        elif isinstance(node, StepNode) and run.state not in _NOT_BEGUN:
            until = deadline(node, run)
            if until is not None and run.state is not NodeState.RETRYING and (run.due is None or run.due > until):
                yield Breach(Invariant.WAIT_ENDS, name, "its time is limited, and nothing is set to end it")


def _of_nodes(graph: Graph, state: State) -> Iterator[Breach]:
    held = {token.node for token in state.held}
    for name in sorted(state.live | state.open | state.failed | held):
        if graph.find(name) is None:
            yield Breach(Invariant.NODE_IN_FLOW, name, "the flow that the task runs by has no such node")


def _of_status(state: State) -> Iterator[Breach]:
    match state.status:
        case TaskState.CREATED if state.runs:
            why = "it has not begun, and nodes of it have"
        case TaskState.RUNNING if not state.live:
            why = "it is RUNNING, and no node is under way"
        case TaskState.FAILED if state.live or not state.failed:
            why = "it is FAILED, and " + ("nodes are under way" if state.live else "no node has failed")
        case TaskState.FINISHED if state.live or state.open or state.failed or state.held or state.forks:
            why = "it has FINISHED, and not all of its nodes are over"
        case _:
            return
    yield Breach(Invariant.STATE_FITS_NODES, None, why)


def _of_tokens(state: State) -> Iterator[Breach]:
    """Every flow that runs, and every branch, has the one token it must have."""
    if state.status not in _UNDER_WAY:
        return
    inside: Counter[str] = Counter()
    branches: Counter[str] = Counter()
    for name, fork in _carriers(state):
        if fork is not None:
            branches[fork] += 1
        else:
            inside[_around(name)] += 1
    of_run = {run.id: run.node for run in state.runs.values()}
    for run_id, opened in state.forks.items():
        if opened.parent is not None:
            branches[opened.parent] += 1
        else:
            inside[_around(of_run.get(run_id, ""))] += 1
    for scope in ("", *sorted(state.open)):
        yield from _of_scope(scope, inside[scope], state)
    for run_id in sorted({*state.forks, *branches}):
        yield from _of_fork(run_id, branches[run_id], of_run.get(run_id), state)


def _carriers(state: State) -> Iterator[tuple[str, str | None]]:
    """Nodes with the fork their token belongs to; a node is named once for every token that waits in front of it."""
    here = state.live | state.open | state.failed
    for name in here:
        yield name, state.runs[name].fork
    for token in state.held:
        if token.node not in here:  # one that waits for its next attempt is the same token
            yield token.node, token.fork


def _around(name: str) -> str:
    """What a node lies in; an item in its loop."""
    return name.rpartition("[")[0] if name.endswith("]") else scope_of(name)


def _of_scope(scope: str, tokens: int, state: State) -> Iterator[Breach]:
    loop = bool(scope) and any(name.startswith(f"{scope}[") for name in state.runs)
    if tokens == 1 or (loop and tokens > 1):
        return
    what = "nothing of it is under way, failed or held" if not tokens else f"{tokens} of its ways are under way at once"
    yield Breach(Invariant.TOKEN_KEPT, scope or None, what)


def _of_fork(run_id: str, tokens: int, node: str | None, state: State) -> Iterator[Breach]:
    fork = state.forks.get(run_id)
    if fork is None:
        yield Breach(Invariant.TOKEN_KEPT, node, "a branch of it is under way, and nothing waits for it")
    elif fork.expected - fork.arrived != tokens:
        missing = fork.expected - fork.arrived
        yield Breach(Invariant.TOKEN_KEPT, node, f"{missing} of its branches have not come to the join, {tokens} can")


def status_of_nodes(state: State) -> TaskState | None:
    """The state a task must be in by its nodes; none when they do not tell."""
    if state.status in ENDED:
        return state.status
    if state.live:
        return TaskState.SUSPENDED if state.status is TaskState.SUSPENDED else TaskState.RUNNING
    return TaskState.FAILED if state.failed else None
