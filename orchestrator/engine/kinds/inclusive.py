from kernel.expressions.errors import ExpressionError
from orchestrator.engine.deciding import NONE_HOLDS, holding, mark_not_taken
from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import Edge


def enter(work: Work, token: Token) -> None:
    """One token over every edge whose condition holds, the default when none does; otherwise the node fails."""
    try:
        held = holding(work, token.node)
    except ExpressionError as error:
        work.begin(token, NodeState.FAILED, error=str(error))
        return
    if held:
        take(work, work.begin(token, NodeState.FINISHED), held)
    else:
        work.begin(token, NodeState.FAILED, error=NONE_HOLDS)


def take(work: Work, run: Run, edges: list[Edge]) -> None:
    """Goes on over ``edges``; the join of the branches waits for as many."""
    work.open_fork(run, len(edges))
    for edge in edges:
        work.follow(run.node, edge, run.id)
    mark_not_taken(work, run.node, [edge for edge in work.graph.outgoing[run.node] if edge not in edges])
