"""Every token a parallel or inclusive node makes must come back at one join, and nothing else may come there."""

from collections.abc import Iterator

from orchestrator.flow.branches import Branches, branches_behind, branches_of
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NodeKind
from orchestrator.flow.problems import Problem


def check_gateways(graph: Graph) -> Iterator[Problem]:
    """Follows the branches each node lies in; assumes the other structural rules hold.

    A parallel or inclusive node opens a branch with each of its edges, a join closes the innermost. Where ways meet
    they must lie in the same branches, at a join in branches of one such node; an end lies outside of all, and no edge
    leads back out of a branch.
    """
    inside = branches_of(graph)
    joins: dict[str, str] = {}
    for name in graph.order:
        branches = inside.get(name)
        if branches is None:  # only ways already reported lead here
            continue
        kind = graph.nodes[name].kind
        if kind is NodeKind.END and branches:
            problem = f"a branch of the parallel node {branches[-1].source!r} ends here"
            yield Problem("end_inside_parallel", problem, "lead the branch to the join of its parallel node", name)
        if kind is NodeKind.JOIN:
            if not branches:
                yield Problem("join_without_parallel", "no parallel node comes before this join", "remove it", name)
                continue
            if (other := joins.setdefault(branches[-1].source, name)) != name:
                problem = f"the branches of {branches[-1].source!r} meet in {other!r} and in {name!r}"
                yield Problem("one_join", problem, "lead all branches of a parallel node to one join", name)
        for edge in graph.outgoing[name]:
            known, onwards = inside[edge.target], branches_behind(graph, name, branches, edge)
            if not _may_meet(known, onwards, graph.nodes[edge.target].kind):
                yield Problem(
                    "branches_meet",
                    f"{_named(known)} and {_named(onwards)} meet in {edge.target!r}",
                    "branches of a parallel node stay apart until their join",
                    edge.target,
                    edge.id,
                )


def _may_meet(one: Branches, other: Branches, kind: NodeKind) -> bool:
    if kind is not NodeKind.JOIN or not one or not other:
        return one == other
    return one[:-1] == other[:-1] and one[-1].source == other[-1].source


def _named(branches: Branches) -> str:
    if not branches:
        return "a way outside of any parallel node"
    return f"the branch {branches[-1].source!r} → {branches[-1].target!r}"
