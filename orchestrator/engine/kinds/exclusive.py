from kernel.expressions.errors import ExpressionError
from orchestrator.engine.deciding import NONE_HOLDS, holding, mark_not_taken
from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import Edge


def enter(work: Work, token: Token) -> None:
    """Takes the one edge whose condition holds, the default when none does; otherwise the node fails."""
    try:
        held = holding(work, token.node)
    except ExpressionError as error:
        work.begin(token, NodeState.FAILED, error=str(error))
        return
    if len(held) == 1:
        take(work, work.begin(token, NodeState.FINISHED), held)
        return
    names = ", ".join(edge.name or edge.id for edge in held)
    work.begin(token, NodeState.FAILED, error=f"several conditions hold, one may: {names}" if held else NONE_HOLDS)


def take(work: Work, run: Run, edges: list[Edge]) -> None:
    """Goes on over the one edge in ``edges``."""
    work.follow(run.node, edges[0], run.fork)
    mark_not_taken(work, run.node, [edge for edge in work.graph.outgoing[run.node] if edge not in edges])
