"""Nodes that run a plugin: begun here, carried on by the answers to their invocations."""

from typing import Any, assert_never

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine.effects import DeliverCallback, ExecuteNode, PollNode, SetTimer
from orchestrator.engine.events import CallbackReceived, NodeResult, Outcome
from orchestrator.engine.failures import fail, fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Callback, Run, Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import CALLED, NodeState
from orchestrator.engine.steps import deadline, limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import PluginNode, StepNode


def enter(work: Work, token: Token) -> None:
    """Resolves the inputs and asks for the plugin to be executed; inputs that cannot be resolved fail the node."""
    node = node_of_kind(work, token.node, PluginNode)
    try:
        inputs = _resolve(work, node, token)
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    run = work.begin(token, NodeState.RUNNING, inputs=inputs, busy=True)
    work.effects.append(ExecuteNode(run.node, run.id, run.step, inputs))
    if node.timeout is not None:
        limit(work, node, run)


def _resolve(work: Work, node: PluginNode, token: Token) -> dict[str, Any]:
    given = token.inputs or {}
    resolved: dict[str, Any] = interpolate(
        {k: v for k, v in node.inputs.items() if k not in given}, work.values_at(token.node)
    )
    return {**resolved, **given}


def on_result(work: Work, event: NodeResult) -> None:
    """Takes an answer once: one to an earlier invocation, or of a run that is over, changes nothing."""
    run = work.runs.get(event.node)
    if run is None or run.id != event.run or run.step != event.step or not run.busy:
        return
    match event.outcome:
        case Outcome.FINISHED:
            if run.callback is not None or work.callbacks:
                work.drop_callbacks(run, "it finished")
            finish(work, run, event.outputs, storage=event.storage)
        case Outcome.FAILED:
            work.drop_callbacks(run, "it failed")
            if not event.answered and run.storage is not None:
                work.cancel(run._replace(busy=False))
            error = event.error or "the plugin gave no reason"
            fail(work, node_of_kind(work, run.node, StepNode), run, error, outputs=event.outputs, storage=event.storage)
        case Outcome.POLL | Outcome.CALLBACK:
            work.settle(run.callback)
            _wait(work, run, event)
        case _ as never:
            assert_never(never)


def _wait(work: Work, run: Run, event: NodeResult) -> None:
    state = NodeState.POLLING if event.outcome is Outcome.POLL else NodeState.WAITING_CALLBACK
    due = event.poll_at if event.poll_at is not None or state is NodeState.WAITING_CALLBACK else event.at
    until = deadline(node_of_kind(work, run.node, StepNode), run)
    if until is not None:
        due = until if due is None else min(due, until)
    waiting = run._replace(
        state=state, busy=False, due=due, callback=None, outputs=event.outputs, storage=event.storage
    )
    if waiting.storage != run.storage or waiting.outputs != run.outputs:
        work.durable = True
    work.put(waiting, record=state is not run.state)
    if not _deliver_next(work, waiting) and due is not None:
        work.effects.append(SetTimer(run.node, run.id, due))


def poll(work: Work, run: Run) -> None:
    """Asks the plugin how far it is."""
    polling = run._replace(busy=True, step=run.step + 1)
    work.put(polling, record=False)
    work.effects.append(PollNode(run.node, run.id, polling.step, run.inputs or {}, run.storage or {}))
    until = deadline(node_of_kind(work, run.node, StepNode), run)
    if until is not None:
        work.effects.append(SetTimer(run.node, run.id, until))


def on_callback(work: Work, event: CallbackReceived) -> None:
    """Kept until the run waits for it: it may come before the answer to the call that caused it."""
    if any(callback.id == event.message for callback in work.callbacks):
        return
    run = work.live_run(event.run)
    if run is None or run.state not in CALLED:
        work.settle(event.message, "the node run is over")
        return
    if run.callback == event.message:
        return
    work.callbacks.append(Callback(event.message, event.run, event.data))
    if not run.busy:
        _deliver_next(work, run)


def _deliver_next(work: Work, run: Run) -> bool:
    callback = next((callback for callback in work.callbacks if callback.run == run.id), None)
    if callback is None:
        return False
    work.callbacks.remove(callback)
    delivering = run._replace(busy=True, step=run.step + 1, callback=callback.id)
    work.put(delivering, record=False)
    work.effects.append(
        DeliverCallback(run.node, run.id, delivering.step, run.inputs or {}, run.storage or {}, callback.data)
    )
    return True
