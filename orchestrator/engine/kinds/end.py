from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work


def enter(work: Work, token: Token) -> None:
    """The token is gone; inside a branch that would leave the join waiting for ever, so there it is a failure."""
    if token.fork is None:
        work.begin(token, NodeState.FINISHED)
    else:
        work.begin(token, NodeState.FAILED, error="a branch of a parallel node ended before its join")
