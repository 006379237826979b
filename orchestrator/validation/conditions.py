from collections.abc import Iterator

from kernel.errors import FieldProblem
from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, Edge, Node
from orchestrator.flow.problems import Problem
from orchestrator.validation.wordings import (
    DEFAULT_WITH_CONDITION,
    NEEDLESS_CONDITION,
    NEEDLESS_DEFAULT,
    NO_CONDITION,
    SECOND_DEFAULT,
    UNREADABLE_EXPRESSION,
)


def check_conditions(graph: Graph) -> Iterator[Problem]:
    """Edges of a node that decides have a condition that can be read, but for one default at most; others have none."""
    for name, node in graph.nodes.items():
        edges = graph.outgoing[name]
        if node.kind not in DECIDING:
            for edge in edges:
                if edge.condition is not None or edge.default:
                    yield Problem.of("condition_place", _needless(node, edge), name, edge.id)
            continue
        for edge in [edge for edge in edges if edge.default][1:]:
            yield Problem.of("one_default", SECOND_DEFAULT.at("default"), name, edge.id)
        for edge in edges:
            yield from _check_edge(name, edge)


def _needless(node: Node, edge: Edge) -> FieldProblem:
    if edge.condition is not None:
        return NEEDLESS_CONDITION.at("condition", kind=node.kind.value)
    return NEEDLESS_DEFAULT.at("default", kind=node.kind.value)


def _check_edge(name: str, edge: Edge) -> Iterator[Problem]:
    if edge.default:
        if edge.condition is not None:
            yield Problem.of("default_condition", DEFAULT_WITH_CONDITION.at("condition"), name, edge.id)
        return
    if edge.condition is None:
        yield Problem.of("condition", NO_CONDITION.at("condition"), name, edge.id)
        return
    try:
        compile_condition(edge.condition)
    except ExpressionError as error:
        said = UNREADABLE_EXPRESSION.at("condition", why=error.message, position=error.position + 1)
        yield Problem.of("condition_readable", said, name, edge.id)
