"""What can be done to every step: skip it, try it again, end it when its time is up."""

from orchestrator.engine.effects import SetTimer
from orchestrator.engine.failures import fail
from orchestrator.engine.model import Run, Token
from orchestrator.engine.onward import go_on
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import StepNode, TimeoutAction


def skip(work: Work, run: Run) -> None:
    """Goes on without what the run would have left."""
    end_inside(work, run, "it was skipped")
    over = run._replace(state=NodeState.SKIPPED, busy=False, due=None, callback=None, outputs=None, finished=work.now)
    work.put(over)
    go_on(work, over)


def retry(work: Work, run: Run, token: Token) -> None:
    """The next attempt; the one before is over."""
    end_inside(work, run, "it is tried again")
    if run.state is not NodeState.FAILED:
        work.put(run._replace(state=NodeState.FAILED, due=None, finished=work.now), record=False)
    work.tokens.append(token)


def end_inside(work: Work, run: Run, why: str) -> None:
    """A container takes with it what runs inside."""
    if run.is_open:
        work.close(run.node, why)


def deadline(node: StepNode, run: Run) -> float | None:
    """When the run's time is up, in seconds since the epoch."""
    return None if node.timeout is None else run.started + node.timeout.seconds


def limit(work: Work, node: StepNode, run: Run) -> None:
    """Has the run looked at when its time is up, if it has a limit."""
    until = deadline(node, run)
    if until is None:
        return
    due = until if run.due is None else min(run.due, until)
    work.put(run._replace(due=due), record=False)
    work.effects.append(SetTimer(run.node, run.id, due))


def time_out(work: Work, node: StepNode, run: Run) -> None:
    """The run's time is up: what its plugin says later is ignored."""
    timeout = node.timeout
    if timeout is None:
        return
    work.drop_callbacks(run, "its time was up")
    work.cancel(run)
    if timeout.action is TimeoutAction.SKIP:
        skip(work, run)
        return
    end_inside(work, run, "its time was up")
    fail(work, node, run, f"took longer than {timeout.seconds:g} seconds")
