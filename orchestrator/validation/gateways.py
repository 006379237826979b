"""Every token a parallel or inclusive node makes must come back at one join, and nothing else may come there."""

from collections.abc import Iterator

from kernel.errors import FieldProblem
from orchestrator.flow.branches import Branches, branches_behind, branches_of
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NodeKind
from orchestrator.flow.problems import Problem
from orchestrator.validation.wordings import BRANCH_LEFT, BRANCHES_MEET, END_INSIDE, JOIN_ALONE, TWO_JOINS


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
            yield Problem.of("end_inside_parallel", END_INSIDE.at("", node=branches[-1].source), name)
        if kind is NodeKind.JOIN:
            if not branches:
                yield Problem.of("join_without_parallel", JOIN_ALONE.at(""), name)
                continue
            if (other := joins.setdefault(branches[-1].source, name)) != name:
                said = TWO_JOINS.at("", node=branches[-1].source, one=other, other=name)
                yield Problem.of("one_join", said, name)
        for edge in graph.outgoing[name]:
            known, onwards = inside[edge.target], branches_behind(graph, name, branches, edge)
            if not _may_meet(known, onwards, graph.nodes[edge.target].kind):
                yield Problem.of("branches_meet", _meeting(known, onwards, edge.target), edge.target, edge.id)


def _may_meet(one: Branches, other: Branches, kind: NodeKind) -> bool:
    if kind is not NodeKind.JOIN or not one or not other:
        return one == other
    return one[:-1] == other[:-1] and one[-1].source == other[-1].source


def _meeting(known: Branches, onwards: Branches, node: str) -> FieldProblem:
    """At most one of the two ways lies outside of all branches: ways outside may meet."""
    if known and onwards:
        one, other = known[-1], onwards[-1]
        return BRANCHES_MEET.at(
            "",
            source=one.source,
            target=one.target,
            other_source=other.source,
            other_target=other.target,
            node=node,
        )
    inside = (known or onwards)[-1]
    return BRANCH_LEFT.at("", source=inside.source, target=inside.target, node=node)
