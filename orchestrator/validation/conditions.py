from collections.abc import Iterator

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, Edge
from orchestrator.flow.problems import Problem


def check_conditions(graph: Graph) -> Iterator[Problem]:
    """Edges of a node that decides have a condition that can be read, but for one default at most; others have none."""
    for name, node in graph.nodes.items():
        edges = graph.outgoing[name]
        if node.kind not in DECIDING:
            for edge in edges:
                if edge.condition is not None or edge.default:
                    field = "condition" if edge.condition is not None else "default"
                    problem = f"a {field} means nothing on an edge that leaves a {node.kind.value} node"
                    yield Problem("condition_place", problem, "remove it", name, edge.id, field)
            continue
        for edge in [edge for edge in edges if edge.default][1:]:
            yield Problem("one_default", "a second default edge", "keep one", name, edge.id, "default")
        for edge in edges:
            yield from _check_edge(name, edge)


def _check_edge(name: str, edge: Edge) -> Iterator[Problem]:
    if edge.default:
        if edge.condition is not None:
            problem = "the default edge has a condition that would never be asked"
            yield Problem("default_condition", problem, "remove one of the two", name, edge.id, "condition")
        return
    if edge.condition is None:
        problem = "an edge that leaves an exclusive or inclusive node needs a condition"
        yield Problem("condition", problem, "write one, or make it the default edge", name, edge.id, "condition")
        return
    try:
        compile_condition(edge.condition)
    except ExpressionError as error:
        problem = f"{error.message} (character {error.position + 1})"
        yield Problem("condition_readable", problem, "write it in CEL", name, edge.id, "condition")
