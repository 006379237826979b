"""A node that computes its outputs."""

from collections.abc import Mapping
from typing import Any

from kernel.expressions.conditions import evaluate
from kernel.expressions.errors import ExpressionError, ExpressionRefused
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import ExpressionNode


def enter(work: Work, token: Token) -> None:
    """Evaluates every expression; one that has no value fails the node."""
    node = node_of_kind(work, token.node, ExpressionNode)
    try:
        values = work.values_at(token.node)
        outputs = {name: _value(source, values) for name, source in node.values.items()}
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    finish(work, work.begin(token, NodeState.RUNNING), outputs)


def _value(source: str, values: Mapping[str, Any]) -> Any:
    value = evaluate(source, values)
    if not _is_json(value):
        raise ExpressionRefused(f"gives a {type(value).__name__}: write string(…) around it", text=source)
    return value


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_json(item) for item in value)
    return value is None or isinstance(value, str | bool | int | float)
