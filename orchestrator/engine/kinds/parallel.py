from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work


def enter(work: Work, token: Token) -> None:
    """One token over every edge; the join of the branches waits for as many."""
    run = work.begin(token, NodeState.FINISHED)
    work.open_fork(run, len(work.graph.outgoing[token.node]))
    work.send(token.node, run.id)
