"""A task that begins elsewhere than at its flow's start, perhaps in subflows: these begin as others do, but inside."""

from orchestrator.engine.model import Fork, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.branches import branches_of
from orchestrator.flow.model import Beginning
from orchestrator.flow.paths import ancestors, node_in, scope_of


def begin_in(work: Work, beginning: Beginning, scope: str) -> None:
    """Keeps what nodes of the flow inside a container came to, and sends a token to where the task begins in it: to the
    node, or to the subflow that lies around it.
    """
    for name, kept in beginning.kept.items():
        if scope_of(name) == scope:
            work.keep(name, NodeState(kept.state), kept.outputs)
    place = node_in(scope, beginning.node)
    work.tokens.append(Token(place, _reopened(work, scope, place)))


def beginning_inside(work: Work, token: Token) -> Beginning | None:
    """Where the task begins, if that is inside the subflow the token has come to, and no loop has led here again."""
    beginning = work.graph.flow.begin
    if beginning is None or token.node not in beginning.entered:
        return None
    passes = [work.pass_of(token), *(work.runs[outer].loop for outer in ancestors(token.node))]
    return beginning if max(passes) == 1 else None


def _reopened(work: Work, scope: str, node: str) -> str | None:
    """The innermost fork in whose branches the node lies. All its other branches have come to the join before."""
    fork: str | None = None
    for edge in branches_of(work.graph, scope).get(node, ()):
        run = work.runs[edge.source]
        work.forks[run.id] = Fork(fork, 1, 0)
        fork = run.id
    return fork
