from orchestrator.engine.kinds import subflow
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.paths import scope_of


def enter(work: Work, token: Token) -> None:
    """The token is gone, and with it the subflow it ran in. Inside a branch that would leave the join waiting for ever,
    so there it is a failure.
    """
    if token.fork is not None:
        work.begin(token, NodeState.FAILED, error="a branch of a parallel node ended before its join")
        return
    work.begin(token, NodeState.FINISHED)
    if "." in token.node:
        subflow.complete(work, work.runs[scope_of(token.node)])
