from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import Edge


def enter(work: Work, token: Token) -> None:
    """Takes the one edge whose condition holds, the default when none does; otherwise the node fails."""
    edges = work.graph.outgoing[token.node]
    try:
        taken = _choose(work, edges)
    except ExpressionError as error:
        work.begin(token, NodeState.FAILED, error=str(error))
        return
    if isinstance(taken, str):
        work.begin(token, NodeState.FAILED, error=taken)
        return
    work.begin(token, NodeState.FINISHED)
    work.tokens.append(Token(taken.target, token.fork))
    _mark_not_taken(work, [edge for edge in edges if edge is not taken])


def _choose(work: Work, edges: tuple[Edge, ...]) -> Edge | str:
    """The edge, or why there is none."""
    held = [edge for edge in edges if edge.condition and compile_condition(edge.condition).holds(work.values)]
    if len(held) == 1:
        return held[0]
    if held:
        names = ", ".join(edge.name or edge.id for edge in held)
        return f"several conditions hold, one may: {names}"
    default = next((edge for edge in edges if edge.default), None)
    return default or "no condition holds and there is no default edge"


def _mark_not_taken(work: Work, refused: list[Edge]) -> None:
    """Nodes behind the refused edges that nothing under way can reach any more show as NOT_TAKEN."""
    reach, positions = work.graph.reach, work.graph.positions
    behind = 0
    for edge in refused:
        behind |= reach[edge.target]
    for name in (*work.live, *work.failed):
        behind &= ~reach[name]
    for waiting in (*work.tokens, *work.held):
        behind &= ~reach[waiting.node]
    if not behind:
        return
    for name, position in positions.items():
        if behind >> position & 1 and name not in work.runs:
            work.begin(Token(name, None), NodeState.NOT_TAKEN)
