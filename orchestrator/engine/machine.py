"""The token machine: ``advance(graph, state, events)`` is the only way a task changes. Pure; no clock, no I/O."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Final

from orchestrator.engine import locks
from orchestrator.engine.beginning import begin_in
from orchestrator.engine.effects import Advanced, Effect, ExecuteNode, SetTimer
from orchestrator.engine.events import (
    CallbackReceived,
    Event,
    LockGranted,
    NodeResult,
    Operation,
    TaskStarted,
    TimerFired,
)
from orchestrator.engine.kinds import (
    decision,
    end,
    exclusive,
    expression,
    inclusive,
    join,
    notify,
    parallel,
    plugin,
    start,
    subflow,
    timer,
    wait,
)
from orchestrator.engine.kinds.map import enter as enter_map
from orchestrator.engine.model import State, Surroundings, Token
from orchestrator.engine.operating import end_open, on_callback, operate
from orchestrator.engine.operations import NAMES, InvalidOperation, check_operation, node_of
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.engine.timers import on_timer
from orchestrator.engine.work import Work
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NodeKind

PART: Final = 100
"""Tokens of one part of `advancing`: some milliseconds, where the nodes do nothing outside."""

_ENTER: dict[NodeKind, Callable[[Work, Token], None]] = {
    NodeKind.START: start.enter,
    NodeKind.END: end.enter,
    NodeKind.PLUGIN: plugin.enter,
    NodeKind.EXCLUSIVE: exclusive.enter,
    NodeKind.PARALLEL: parallel.enter,
    NodeKind.INCLUSIVE: inclusive.enter,
    NodeKind.JOIN: join.enter,
    NodeKind.TIMER: timer.enter,
    NodeKind.WAIT: wait.enter,
    NodeKind.CONFIRM: decision.enter,
    NodeKind.APPROVAL: decision.enter,
    NodeKind.NOTIFY: notify.enter,
    NodeKind.EXPRESSION: expression.enter,
    NodeKind.SUBFLOW: subflow.enter,
    NodeKind.MAP: enter_map,
}


def advance(graph: Graph, state: State, events: Sequence[Event], surroundings: Surroundings) -> Advanced:
    """The state after ``events``, and what follows from it.

    Events that are stale or repeated change nothing. An operation that is not legal changes nothing and settles its
    message with the reason; `check_operation` tells beforehand.
    """
    parts = advancing(graph, state, events, surroundings)
    while True:
        try:
            next(parts)
        except StopIteration as ended:
            advanced: Advanced = ended.value
            return advanced


def advancing(
    graph: Graph, state: State, events: Sequence[Event], surroundings: Surroundings
) -> Generator[None, None, Advanced]:
    """``advance`` in parts, for whoever has other work between: a loop over thousands of items may have nothing to wait
    for.
    """
    work = Work(graph, state, surroundings)
    for event in events:
        work.now = event.at
        _apply(work, state, event)
        yield from _move(work)
    return work.advanced()


def resume(state: State) -> list[Effect]:
    """The effects that may have been lost with the process that owned the task; repeating one does no harm."""
    effects: list[Effect] = []
    for node in sorted(state.live | state.open):
        run = state.runs[node]
        if run.state is NodeState.RUNNING and not run.is_open:
            effects.append(ExecuteNode(node, run.id, run.step, run.inputs or {}))
        if run.due is not None:
            effects.append(SetTimer(node, run.id, run.due))
    return effects


def _move(work: Work) -> Iterator[None]:
    tokens, nodes, left_out, locked = work.tokens, work.graph.nodes, work.graph.flow.left_out, work.graph.locked
    while tokens:
        token = tokens.popleft()
        work.moved += 1
        if not work.moved % PART:
            yield
        if not work.moving:
            if work.status is TaskState.SUSPENDED:
                work.held.append(token)
        elif token.node in left_out:
            work.begin(token, NodeState.SKIPPED)
            work.send(token.node, token.fork)
        elif work.paused and work.is_held(token.node):
            work.hold(token)
        elif locked and locks.must_wait(work, token):
            locks.wait(work, token)
        else:
            _ENTER[nodes[token.node].kind](work, token)
    if work.status is TaskState.REVOKED:
        end_open(work)
    if work.status is not TaskState.CREATED:
        work.derive_status()


def _apply(work: Work, state: State, event: Event) -> None:
    match event:
        case NodeResult():
            plugin.on_result(work, event)
        case TimerFired():
            on_timer(work, event)
        case CallbackReceived():
            on_callback(work, event)
        case LockGranted():
            locks.on_granted(work, event)
        case TaskStarted():
            _start(work)
        case _:
            _operate(work, state, event)


def _start(work: Work) -> None:
    if work.status is not TaskState.CREATED:
        return
    work.started = work.now
    work.become(TaskState.RUNNING)
    beginning = work.graph.flow.begin
    if beginning is None:
        work.tokens.append(Token(work.graph.start.id, None))
        return
    begin_in(work, beginning, "")


def _operate(work: Work, state: State, operation: Operation) -> None:
    present = state._replace(status=work.status, runs=work.runs, held=tuple(work.held), paused=work.paused)
    try:
        check_operation(work.graph, present, operation)
    except InvalidOperation as error:
        work.settle(operation.message, str(error))
        return
    work.record_operation(NAMES[type(operation)], node_of(operation), operation.actor)
    operate(work, operation)
