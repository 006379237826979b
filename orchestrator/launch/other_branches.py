"""What an earlier task came to in the branches beside a node at which another one is to begin."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.engine.states import NodeState
from orchestrator.flow.branches import Branches, branches_of
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Edge, Kept, NodeKind
from orchestrator.flow.paths import scope_of


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """Attributes:
    fork: the parallel or inclusive node it leaves.
    nodes: those that were left behind or not taken.
    stopped_at: the node beyond which the earlier task did not get; none when it came to the join.
    """

    fork: str
    nodes: frozenset[str]
    stopped_at: str | None


def other_branches(graph: Graph, node: str, earlier: Mapping[str, Kept]) -> Iterator[OtherBranch]:
    """Of each fork in whose branches the node lies, those it doesn't lie in; in front of a join all that meet there.

    Args:
        earlier: what the earlier task left behind, those forks among it.
    """
    branches = branches_of(graph, scope_of(node))
    own = branches.get(node, ())
    is_join = graph.nodes[node].kind is NodeKind.JOIN
    for position, entered in enumerate(own):
        joins_here = is_join and position == len(own) - 1
        for edge in graph.outgoing[entered.source]:
            if joins_here or edge != entered:
                yield _followed(graph, branches, edge, earlier)


def _followed(graph: Graph, branches: Mapping[str, Branches], first: Edge, earlier: Mapping[str, Kept]) -> OtherBranch:
    seen: set[str] = set()
    began = earlier[first.source].number  # a loop may have led to the fork before
    pending = [first.target]
    while pending:
        name = pending.pop()
        if name in seen or _is_join_of(graph, branches, name, first.source):
            continue
        kept = earlier.get(name)
        if kept is None or kept.number < began:
            return OtherBranch(first.source, frozenset(seen), name)
        seen.add(name)
        if kept.state != NodeState.NOT_TAKEN:
            pending += [edge.target for edge in graph.onward[name]]
    return OtherBranch(first.source, frozenset(seen), None)


def _is_join_of(graph: Graph, branches: Mapping[str, Branches], name: str, fork: str) -> bool:
    if graph.nodes[name].kind is not NodeKind.JOIN:
        return False
    closed = branches[name]
    return bool(closed) and closed[-1].source == fork
