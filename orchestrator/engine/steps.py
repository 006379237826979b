"""How every step ends well, and what its time does."""

from collections.abc import Mapping
from typing import Any

from orchestrator.engine.deciding import mark_not_taken
from orchestrator.engine.effects import SetTimer
from orchestrator.engine.failures import fail
from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import StepNode, TimeoutAction


def go_on(work: Work, run: Run) -> None:
    """A token onwards; what lies behind the edge for failures is not reached for it."""
    work.send(run.node, run.fork)
    edges = work.graph.outgoing[run.node]
    if len(edges) > 1:
        mark_not_taken(work, [edge for edge in edges if edge.failure])


def finish(work: Work, run: Run, outputs: Mapping[str, Any], **left: Any) -> None:
    """The run has come to a good end; ``left`` is what else it left behind."""
    finished = run._replace(
        state=NodeState.FINISHED,
        busy=False,
        due=None,
        callback=None,
        outputs=outputs,
        finished=work.now,
        **left,
    )
    work.put(finished)
    work.keep_outputs(finished)
    go_on(work, finished)


def skip(work: Work, run: Run) -> None:
    """Goes on without what the run would have left."""
    work.put(run._replace(state=NodeState.SKIPPED, busy=False, due=None, callback=None, finished=work.now))
    go_on(work, run)


def retry(work: Work, run: Run, token: Token) -> None:
    """The next attempt; the one before is over."""
    if run.state is not NodeState.FAILED:
        work.put(run._replace(state=NodeState.FAILED, due=None), record=False)
    work.tokens.append(token)


def deadline(node: StepNode, run: Run) -> float | None:
    """When the run's time is up, in seconds since the epoch."""
    return None if node.timeout is None else run.started + node.timeout.seconds


def limit(work: Work, node: StepNode, run: Run) -> Run:
    """Has the run looked at when its time is up, if it has a limit."""
    until = deadline(node, run)
    if until is None:
        return run
    limited = run._replace(due=until if run.due is None else min(run.due, until))
    work.put(limited, record=False)
    work.effects.append(SetTimer(run.node, run.id, limited.due or until))
    return limited


def time_out(work: Work, node: StepNode, run: Run) -> None:
    """The run's time is up: what its plugin says later is ignored."""
    timeout = node.timeout
    if timeout is None:
        return
    work.drop_callbacks(run, "its time was up")
    if timeout.action is TimeoutAction.SKIP:
        skip(work, run)
    else:
        fail(work, node, run, f"took longer than {timeout.seconds:g} seconds")
