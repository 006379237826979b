from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work


def enter(work: Work, token: Token) -> None:
    """A start does nothing but send the first token."""
    work.begin(token, NodeState.FINISHED)
    work.send(token.node, token.fork)
