"""What a step does when it has failed, against the edges it has for that."""

from collections.abc import Iterator

from orchestrator.flow.graph import Graph
from orchestrator.flow.model import OnFailure, StepNode
from orchestrator.flow.problems import Problem


def check_failures(graph: Graph) -> Iterator[Problem]:
    """A step that hands its failures on has exactly one edge for that; no other node has one."""
    for name, node in graph.nodes.items():
        edges = [edge for edge in graph.outgoing[name] if edge.failure]
        handles = isinstance(node, StepNode) and node.on_failure is OnFailure.HANDLE
        if handles and not edges:
            problem = "hands its failures on, and no edge is there for them"
            yield Problem("failure_edge", problem, "add one with failure: true", name, field="on_failure")
        if not handles and edges:
            problem = f"a {node.kind.value} node that does not hand its failures on has an edge for them"
            remedy = "set on_failure to handle, or remove the edge"
            yield Problem("failure_edge", problem, remedy, name, edges[0].id, "failure")
        for edge in edges[1:]:
            yield Problem("failure_edge", "a second edge for failures", "keep one", name, edge.id, "failure")
