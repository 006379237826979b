"""What exclusive and inclusive nodes share: which edges hold, and what is not reached for it."""

from collections.abc import Iterable

from kernel.expressions.conditions import compile_condition
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import Edge

NONE_HOLDS = "no condition holds and there is no default edge"


def holding(work: Work, node: str) -> list[Edge]:
    """The edges whose condition is true; the default edge when none is.

    Raises:
        ExpressionError: a condition cannot be evaluated.
    """
    edges = work.graph.outgoing[node]
    held = [edge for edge in edges if edge.condition and compile_condition(edge.condition).holds(work.values)]
    return held or [edge for edge in edges if edge.default][:1]


def mark_not_taken(work: Work, refused: Iterable[Edge]) -> None:
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
