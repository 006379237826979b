from orchestrator.engine.events import TimerFired
from orchestrator.engine.kinds import plugin
from orchestrator.engine.model import Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import WAITING, NodeState, TaskState
from orchestrator.engine.steps import deadline, retry, time_out
from orchestrator.engine.work import Work
from orchestrator.flow.model import StepNode


def on_timer(work: Work, event: TimerFired) -> None:
    """Does what the run's time has come for; a timer that fires early or for another run means nothing."""
    run = work.runs.get(event.node)
    if run is None or run.id != event.run or (run.node not in work.live and run.node not in work.open):
        return
    node = work.graph.nodes[run.node]
    if not isinstance(node, StepNode):
        return
    if run.state is NodeState.RETRYING:
        if run.due is not None and run.due <= event.at and work.status is not TaskState.REVOKED:
            retry(work, run, Token(run.node, run.fork, None, retry=True))
        return
    until = deadline(node, run)
    if until is not None and until <= event.at and run.state is not NodeState.SUSPENDED:
        time_out(work, node, run)
    elif run.state is NodeState.WAITING_TIMER and run.due is not None and run.due <= event.at:
        finish(work, run, {})
    elif run.state in WAITING and not run.busy and run.due is not None and run.due <= event.at:
        plugin.poll(work, run)
