from orchestrator.engine.model import Fork, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work


def enter(work: Work, token: Token) -> None:
    """Waits until every token of the innermost parallel node has come, then goes on as one."""
    fork = work.forks.get(token.fork) if token.fork is not None else None
    if token.fork is None or fork is None:
        work.begin(token, NodeState.FAILED, error="no parallel node comes before this join")
        return
    arrived = fork.arrived + 1
    if arrived < fork.expected:
        work.forks[token.fork] = Fork(fork.parent, fork.expected, arrived)
        work.durable = True
        return
    del work.forks[token.fork]
    work.begin(Token(token.node, fork.parent), NodeState.FINISHED)
    work.send(token.node, fork.parent)
