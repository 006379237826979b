"""The branches that parallel and inclusive nodes open, and what of a flow lies in them."""

from collections.abc import Mapping

from orchestrator.flow.graph import Graph
from orchestrator.flow.model import FORKING, Edge, NodeKind

Branches = tuple[Edge, ...]
"""The branches a place lies in: edges that leave parallel or inclusive nodes, the outermost first."""


def branches_of(graph: Graph, scope: str = "") -> Mapping[str, Branches]:
    """Path of a node → the branches it is reached in; a join still lies in those it closes.

    Args:
        scope: path of the node whose flow is looked at; the empty one is the task's own.

    Nodes that no way leads to are absent. Where ways meet that should not, the first one counts.
    """
    found: dict[str, Branches] = {graph.start_of(scope): ()}
    for name in graph.order:
        if name in found:
            for edge in graph.outgoing[name]:
                found.setdefault(edge.target, branches_behind(graph, name, found[name], edge))
    return found


def branches_behind(graph: Graph, name: str, branches: Branches, edge: Edge) -> Branches:
    """The branches that an edge of a node leads into, from those the node is reached in."""
    kind = graph.nodes[name].kind
    if kind is NodeKind.JOIN:
        branches = branches[:-1]
    return (*branches, edge) if kind in FORKING else branches
