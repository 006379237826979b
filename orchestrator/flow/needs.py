"""What a node can't do without, whatever the values are."""

from collections.abc import Iterable, Mapping

from kernel.expressions.conditions import compile_condition
from kernel.expressions.interpolation import Path, references
from orchestrator.flow.constants import named_through
from orchestrator.flow.model import DECIDING, Constant, Edge, Node
from orchestrator.flow.texts import expressions, templates


def needed_nodes(node: Node, ways: Iterable[Edge], constants: Mapping[str, Constant]) -> list[Path]:
    """The paths into nodes, by their order, that it reads wherever it runs: those of its templates, and of its
    expressions and conditions those that leave nothing out. Others may ask first whether a node has run.

    Args:
        ways: the edges that lead on from the node.
        constants: of its flow.
    """
    paths: set[Path] = set()
    for _, text in templates(node):
        paths |= references(text)
    sources = [source for _, source in expressions(node)]
    if node.kind in DECIDING:
        sources += [way.condition for way in ways if way.condition]
    for source in sources:
        paths |= compile_condition(source).always_read
    return sorted((path for path in named_through(paths, constants) if path[0] == "nodes" and len(path) > 1), key=str)
