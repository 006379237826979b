"""What a legal operation does."""

from typing import assert_never

from orchestrator.engine import steps
from orchestrator.engine.events import (
    CallbackReceived,
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
from orchestrator.engine.kinds import decision, exclusive, inclusive, plugin, wait
from orchestrator.engine.model import Token
from orchestrator.engine.states import RESTING, NodeState, TaskState
from orchestrator.engine.work import Work
from orchestrator.flow.model import NodeKind
from orchestrator.flow.paths import inside


def operate(work: Work, operation: Operation) -> None:
    """Changes the task as asked; that it may is known."""
    if not isinstance(operation, SignalRequested):
        work.settle(operation.message)
    if isinstance(operation, TaskOperation):
        _operate_task(work, operation)
    else:
        _operate_node(work, operation)


def _operate_task(work: Work, operation: TaskOperation) -> None:
    match operation:
        case PauseRequested():
            work.become(TaskState.SUSPENDED)
        case ResumeRequested():
            work.become(TaskState.RUNNING)
            work.tokens.extend(work.held)
            work.held.clear()
        case RevokeRequested():
            _revoke(work)
        case ChangeInputsRequested():
            work.change_inputs(operation.inputs)
        case _ as never:
            assert_never(never)


def _operate_node(work: Work, operation: NodeOperation) -> None:
    match operation:
        case SignalRequested():
            _signal(work, operation)
        case DecideRequested():
            decision.decide(work, operation)
        case RetryRequested():
            run = work.runs[operation.node]
            steps.retry(work, run, Token(run.node, run.fork, operation.inputs, retry=True))
        case SkipRequested():
            steps.skip(work, work.runs[operation.node])
        case ForceFailRequested():
            _force_fail(work, operation)
        case ChooseRequested():
            _choose(work, operation)
        case PauseNodeRequested():
            work.paused |= {operation.node}
        case ResumeNodeRequested():
            _resume_node(work, operation.node)
        case _ as never:
            assert_never(never)


def _signal(work: Work, signal: SignalRequested) -> None:
    """What a plugin is sent counts as done once the plugin has had it."""
    run = work.runs[signal.node]
    if run.state is NodeState.WAITING_EVENT:
        work.settle(signal.message)
        wait.receive(work, run, signal.data)
    else:
        plugin.on_callback(work, CallbackReceived(signal.at, signal.message or "", run.id, signal.data))


def on_callback(work: Work, event: CallbackReceived) -> None:
    """What came to the address of a node run: for its plugin, or the node itself when it waits for that."""
    run = work.live_run(event.run)
    if run is not None and run.state is NodeState.WAITING_EVENT:
        work.settle(event.message)
        wait.receive(work, run, event.data)
    else:
        plugin.on_callback(work, event)


def _revoke(work: Work) -> None:
    """What plugins do goes on to its end; they are told that nobody waits for it, and may bring the end about."""
    for node in sorted(work.live):
        work.cancel(work.runs[node])
    work.held.clear()
    work.become(TaskState.REVOKED)
    for node in sorted(work.live):
        run = work.runs[node]
        if run.state in RESTING:
            work.put(run._replace(state=NodeState.REVOKED, due=None, finished=work.now))


def end_open(work: Work) -> None:
    """In a revoked task what holds other nodes is over with the last of them."""
    for container in sorted(work.open, key=len, reverse=True):
        if not any(inside(name, container) for name in (*work.live, *work.open)):
            run = work.runs[container]
            work.put(run._replace(state=NodeState.REVOKED, due=None, finished=work.now))


def _force_fail(work: Work, operation: ForceFailRequested) -> None:
    """What people do ends here: neither retried nor passed over by itself."""
    run = work.runs[operation.node]
    work.drop_callbacks(run, "it was made to fail")
    work.cancel(run)
    steps.end_inside(work, run, "it was made to fail")
    error = f"made to fail by {operation.actor}" if operation.actor else "made to fail"
    work.put(run._replace(state=NodeState.FAILED, busy=False, due=None, callback=None, error=error, finished=work.now))


def _choose(work: Work, operation: ChooseRequested) -> None:
    run = work.runs[operation.node]._replace(state=NodeState.FINISHED, error=None, finished=work.now)
    work.put(run)
    edges = work.graph.named(run.node, operation.edges)
    take = exclusive.take if work.graph.nodes[run.node].kind is NodeKind.EXCLUSIVE else inclusive.take
    take(work, run, edges)


def _resume_node(work: Work, node: str) -> None:
    work.paused -= {node}
    run = work.runs.get(node)
    if run is None:
        return
    resumed = {token.node for token in work.held}  # while the task is suspended, what was resumed before waits there
    for held in [run, *work.within(node)] if run.is_open else [run]:
        if held.state is NodeState.SUSPENDED and held.node not in resumed and not work.is_around_held(held.node):
            work.tokens.append(Token(held.node, held.fork, held.inputs))
