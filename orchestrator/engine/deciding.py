"""What exclusive and inclusive nodes share: which edges hold, and what is not reached for it."""

from collections.abc import Iterable, Iterator

from kernel.expressions.conditions import compile_condition
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import Edge
from orchestrator.flow.paths import local, node_in, scope_of, static

NONE_HOLDS = "no condition holds and there is no default edge"


def holding(work: Work, node: str) -> list[Edge]:
    """The edges whose condition is true; the default edge when none is.

    Raises:
        ExpressionError: a condition cannot be evaluated.
    """
    edges = work.graph.outgoing[node]
    values = work.values_at(node)
    held = [edge for edge in edges if edge.condition and compile_condition(edge.condition).holds(values)]
    return held or [edge for edge in edges if edge.default][:1]


def mark_not_taken(work: Work, node: str, refused: Iterable[Edge]) -> None:
    """Nodes behind the refused edges of a node that nothing under way can reach any more show as NOT_TAKEN."""
    reach, positions = work.graph.reach, work.graph.positions
    scope = scope_of(node)
    behind = 0
    for edge in refused:
        behind |= reach[edge.target]
    for name in _under_way(work, scope):
        behind &= ~reach[name]
    if not behind:
        return
    for name in work.graph.members[scope]:
        path = f"{scope}.{local(name)}" if scope else name
        if behind >> positions[name] & 1 and path not in work.runs:
            work.begin(Token(path, None), NodeState.NOT_TAKEN)


def _under_way(work: Work, scope: str) -> Iterator[str]:
    """The nodes of a flow that are under way, failed or to be begun, or that hold such nodes."""
    prefix = f"{scope}." if scope else ""
    waiting = (token.node for token in (*work.tokens, *work.held))
    for name in (*work.live, *work.failed, *waiting):
        if name.startswith(prefix):
            yield static(node_in(scope, name))
