"""What a task would do, before it is made: what is missing, and each step with its inputs as far as they are known.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate, references, render_path
from kernel.forms.secrets import secret_fields
from orchestrator.flow.document import read_flow
from orchestrator.flow.model import NodeKind, PluginNode, StepNode, SubflowNode

HIDDEN: Final = "••••"
"""Stands where a secret would."""


@dataclass(frozen=True, slots=True)
class StepPreview:
    """Attributes:
    inputs: with the values that are known now; `${…}` stands where one is not.
    waits_for: what they need of nodes before it.
    """

    node_id: str
    name: str
    kind: NodeKind
    plugin: str
    inputs: Any
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    revision: int
    problems: Sequence[FieldProblem]
    steps: Sequence[StepPreview]


def previewed_steps(
    definition: Mapping[str, Any], inputs: Mapping[str, Any], surroundings: Mapping[str, Any], left_out: Sequence[str]
) -> list[StepPreview]:
    """The steps that are not left out, in the order in which they are written."""
    flow = read_flow(definition)
    secret = secret_fields((flow.form or {}).get("schema", {}))
    shown = {name: HIDDEN if name in secret else value for name, value in inputs.items()}
    values = {**surroundings, "inputs": shown}
    return [
        _preview(node, values) for node in flow.nodes if isinstance(node, StepNode) and node.id not in set(left_out)
    ]


def _preview(node: StepNode, values: Mapping[str, Any]) -> StepPreview:
    template = dict(node.inputs) if isinstance(node, PluginNode | SubflowNode) else {}
    return StepPreview(
        node.id,
        node.label,
        node.kind,
        node.plugin if isinstance(node, PluginNode) else "",
        _known(template, values),
        tuple(sorted(render_path(path) for path in references(template) if path[0] == "nodes")),
    )


def _known(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, dict):
        return {key: _known(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [_known(value, values) for value in template]
    try:
        return interpolate(template, values)
    except ExpressionError:
        return template
