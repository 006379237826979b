"""Where a flow uses its variables: its inputs and constants, what nodes leave, facts of task and project."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, references, render_path, texts
from orchestrator.flow.model import Flow
from orchestrator.flow.texts import expressions, templates

_OF_NODE, _OUTPUT = 3, 4
"""Parts of the path of a node's state, and of one of its outputs."""
_OF_PROJECT = 3
"""Parts of the path of a variable, or of a secret, of the project."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names a variable.

    Attributes:
        variable: as it is written: `inputs.host`, `nodes.check.outputs.log`, `task.id`, `project.variables.region`.
        node_id: none where it stands in the outputs or the constants of the flow.
        edge_id: of a condition.
        text: the whole text or expression.
    """

    variable: str
    node_id: str | None
    edge_id: str | None
    field: str
    text: str


def uses(flow: Flow) -> Iterator[Use]:
    """Every place, in the order of nodes and edges; what can't be read names nothing."""
    for node in flow.nodes:
        for field, text in templates(node):
            yield from _in_text(text, node.id, field)
        for field, source in expressions(node):
            yield from _in_condition(source, node.id, None, field)
    for edge in flow.edges:
        if edge.condition is not None:
            yield from _in_condition(edge.condition, edge.source, edge.id, "condition")
    for name, constant in flow.constants.items():
        for field, text in texts(constant.value, f"constants.{name}.value"):
            yield from _in_text(text, None, field)
    for field, text in texts(dict(flow.outputs), "outputs"):
        yield from _in_text(text, None, field)


def _in_text(text: str, node: str | None, field: str) -> Iterator[Use]:
    try:
        found = references(text)
    except ExpressionError:
        return
    for variable in _variables(found):
        yield Use(variable, node, None, field, text)


def _in_condition(source: str, node: str, edge: str | None, field: str) -> Iterator[Use]:
    try:
        condition = compile_condition(source)
    except ExpressionError:
        return
    for variable in _variables(path for path in condition.paths if path[0] not in condition.macro_names):
        yield Use(variable, node, edge, field, source)


def _variables(paths: Iterable[Path]) -> list[str]:
    return sorted({render_path(_head(path)) for path in paths})


def _head(path: Path) -> Path:
    """As much of a path as names the variable; what follows leads into its value."""
    if path[:2] in {("project", "variables"), ("project", "secrets")}:
        return path[:_OF_PROJECT]
    if path[0] != "nodes":
        return path[:2]
    return path[:_OUTPUT] if len(path) >= _OF_NODE and path[2] == "outputs" else path[:_OF_NODE]
