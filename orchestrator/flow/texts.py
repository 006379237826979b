"""Where in a node templates and expressions stand."""

from collections.abc import Iterator

from kernel.expressions.interpolation import texts
from orchestrator.flow.model import (
    DecisionNode,
    ExpressionNode,
    MapNode,
    Node,
    NotifyNode,
    PluginNode,
    StepNode,
    SubflowNode,
    TimerNode,
    WaitNode,
)


def templates(node: Node) -> Iterator[tuple[str, str]]:
    """Every text that may hold ``${…}``, with the field it stands in."""
    if isinstance(node, StepNode) and node.lock is not None:
        yield from texts(node.lock.key, "lock.key")
    match node:
        case PluginNode():
            yield from texts(dict(node.inputs), "inputs")
        case SubflowNode():
            yield from texts(dict(node.inputs), "inputs")
            if isinstance(node, MapNode):
                yield from texts(node.items, "items")
        case TimerNode():
            yield from texts({"seconds": node.seconds, "until": node.until})
        case WaitNode():
            yield from texts(node.key, "key")
        case NotifyNode():
            yield from texts({"title": node.title, "content": node.content, "people": list(node.people)})
        case DecisionNode():
            yield from texts({"message": node.message, "approvers": list(node.approvers)})
        case _:
            return


def expressions(node: Node) -> Iterator[tuple[str, str]]:
    """Every expression in CEL, with the field it stands in."""
    if isinstance(node, ExpressionNode):
        for name, source in node.values.items():
            yield f"values.{name}", source
