"""What becomes of an attempt that failed: tried again, passed over or left to people, as the flow says."""

from typing import Any

from orchestrator.engine.deciding import mark_not_taken
from orchestrator.engine.effects import SetTimer
from orchestrator.engine.model import Run, Token
from orchestrator.engine.onward import go_on
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.engine.work import Work
from orchestrator.flow.model import OnFailure, StepNode


def fail(work: Work, node: StepNode, run: Run, error: str, **left: Any) -> None:
    """The attempt is over; ``left`` is what of the run it left behind."""
    over = run._replace(busy=False, due=None, callback=None, error=error, finished=work.now, **left)
    retry = node.retry
    if retry is not None and run.attempt <= retry.times and work.status is not TaskState.REVOKED:
        due = work.now + retry.delay(run.attempt)
        work.put(over._replace(state=NodeState.RETRYING, due=due))
        work.effects.append(SetTimer(run.node, run.id, due))
        return
    _give_up(work, node, over)


def fail_at_once(work: Work, node: StepNode, token: Token, error: str) -> None:
    """The node cannot begin, and would not for being tried again."""
    if node.on_failure is OnFailure.STOP:
        work.begin(token, NodeState.FAILED, error=error)
        return
    run = work.begin(token, NodeState.IGNORED, error=error)
    _go_on(work, node, run)


def _give_up(work: Work, node: StepNode, over: Run) -> None:
    if node.on_failure is OnFailure.STOP:
        work.put(over._replace(state=NodeState.FAILED))
        return
    ignored = over._replace(state=NodeState.IGNORED)
    work.put(ignored)
    _go_on(work, node, ignored)


def _go_on(work: Work, node: StepNode, run: Run) -> None:
    work.keep_outputs(run)
    if node.on_failure is OnFailure.IGNORE or run.node.endswith("]"):
        go_on(work, run)
        return
    edges = work.graph.outgoing[run.node]
    for edge in edges:
        if edge.failure:
            work.follow(run.node, edge, run.fork)
    mark_not_taken(work, run.node, [edge for edge in edges if not edge.failure])
