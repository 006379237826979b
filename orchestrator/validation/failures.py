"""What a step does when it has failed, against the edges it has for that."""

from collections.abc import Iterator

from orchestrator.flow.graph import Graph
from orchestrator.flow.model import OnFailure, StepNode
from orchestrator.flow.problems import Problem
from orchestrator.validation.wordings import NEEDLESS_FAILURE_EDGE, NO_FAILURE_EDGE, SECOND_FAILURE_EDGE


def check_failures(graph: Graph) -> Iterator[Problem]:
    """A step that hands its failures on has exactly one edge for that; no other node has one."""
    for name, node in graph.nodes.items():
        edges = [edge for edge in graph.outgoing[name] if edge.failure]
        handles = isinstance(node, StepNode) and node.on_failure is OnFailure.HANDLE
        if handles and not edges:
            yield Problem.of("failure_edge", NO_FAILURE_EDGE.at("on_failure"), name)
        if not handles and edges:
            said = NEEDLESS_FAILURE_EDGE.at("failure", kind=node.kind.value)
            yield Problem.of("failure_edge", said, name, edges[0].id)
        for edge in edges[1:]:
            yield Problem.of("failure_edge", SECOND_FAILURE_EDGE.at("failure"), name, edge.id)
