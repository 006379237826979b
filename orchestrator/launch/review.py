"""What a task would do, before it is made: what is missing, and each step with what is known of its values.

Pure.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, interpolate, references, render_path
from kernel.forms.secrets import secret_fields
from orchestrator.flow.constants import named_through
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow, NodeKind, PluginNode, StepNode, SubflowNode
from orchestrator.flow.paths import ancestors, inside

HIDDEN: Final = "••••"
"""Stands where a secret would."""


@dataclass(frozen=True, slots=True)
class StepPreview:
    """Attributes:
    inputs: with the values that are known now; `${…}` stands where one is not.
    waits_for: what they need of nodes before it.
    outputs: what it gives, where it only reads and was asked; none where it was not.
    error: why it gives nothing though it was asked.
    """

    node_id: str
    name: str
    kind: NodeKind
    plugin: str
    inputs: Any
    waits_for: tuple[str, ...]
    outputs: Mapping[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Attributes:
    problems: what keeps it from being launched.
    advice: what would keep steps from running, as things are: a person's consent to be acted for.
    """

    revision: int
    problems: Sequence[FieldProblem]
    steps: Sequence[StepPreview]
    advice: Sequence[FieldProblem] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a step gave that was asked before a task is made, with these inputs: outputs, or an error."""

    outputs: Mapping[str, Any] | None = None
    error: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


def shown_inputs(flow: Flow, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, without secrets."""
    secret = secret_fields((flow.form or {}).get("schema", {}))
    return {name: HIDDEN if name in secret else value for name, value in inputs.items()}


def previewed_steps(
    graph: Graph, values: Mapping[str, Any], left_out: Collection[str], foreseen: Mapping[str, Foreseen]
) -> Iterator[StepPreview]:
    """The steps that are not left out, in the order in which they are written; of those in flows inside, the ones that
    were asked.

    Args:
        values: as templates see them, with what is foreseen.
        foreseen: by path.
    """
    for node in graph.flow.nodes:
        if isinstance(node, StepNode) and node.id not in left_out:
            yield _preview(node, graph.flow, values, foreseen)
            yield from (_inner(graph, path, seen) for path, seen in foreseen.items() if inside(path, node.id))


def _inner(graph: Graph, path: str, seen: Foreseen) -> StepPreview:
    node = graph.nodes[path]
    name = " / ".join(graph.nodes[outer].label for outer in (*reversed(list(ancestors(path))), path))
    plugin = node.plugin if isinstance(node, PluginNode) else ""
    return StepPreview(path, name, node.kind, plugin, dict(seen.inputs), (), seen.outputs, seen.error)


def _preview(node: StepNode, flow: Flow, values: Mapping[str, Any], foreseen: Mapping[str, Foreseen]) -> StepPreview:
    template = dict(node.inputs) if isinstance(node, PluginNode | SubflowNode) else {}
    named = named_through(references(template), flow.constants)
    seen = foreseen.get(node.id, Foreseen())
    return StepPreview(
        node.id,
        node.label,
        node.kind,
        node.plugin if isinstance(node, PluginNode) else "",
        _known(template, values),
        tuple(sorted(render_path(path) for path in named if _is_open(path, foreseen))),
        seen.outputs,
        seen.error,
    )


def _is_open(path: Path, foreseen: Mapping[str, Foreseen]) -> bool:
    """Whether it is a value of a node that is not known before the task runs."""
    return path[0] == "nodes" and foreseen.get(str(path[1]) if len(path) > 1 else "", Foreseen()).outputs is None


def _known(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, dict):
        return {key: _known(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [_known(value, values) for value in template]
    try:
        return interpolate(template, values)
    except ExpressionError:
        return template
