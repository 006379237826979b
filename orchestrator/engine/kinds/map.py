"""A node that runs another flow for each item of a list: a container of items, each a container of its own."""

from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine import loops
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds import subflow
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Token
from orchestrator.engine.onward import finish, item_path
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import MapNode

MAX_ITEMS = 10_000


class NoItems(Exception):
    """What the loop was given is no list it can go through; the text says why."""


def enter(work: Work, token: Token) -> None:
    """Begins the loop with as many items as may run at once, or one item of it."""
    node = node_of_kind(work, token.node, MapNode)
    if token.node.endswith("]"):
        _enter_item(work, node, token)
    else:
        _enter_loop(work, node, token)


def _enter_loop(work: Work, node: MapNode, token: Token) -> None:
    try:
        items = _listed(interpolate(node.items, work.values_at(token.node)))
    except (ExpressionError, NoItems) as error:
        fail_at_once(work, node, token, str(error))
        return
    run = work.begin(token, NodeState.RUNNING, inputs={"items": items})
    if not items:
        finish(work, run, {"items": []})
        return
    begun = min(node.parallel, len(items))
    work.put(loops.at(run, loops.Progress(begun, 0, len(items))), record=False)
    work.tokens.extend(Token(item_path(token.node, index), None) for index in range(begun))
    limit(work, node, work.runs[token.node])


def _listed(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise NoItems(f"items is no list but {given!r:.100}")
    if len(given) > MAX_ITEMS:
        raise NoItems(f"items has {len(given)} entries, at most {MAX_ITEMS} are gone through")
    return given


def _enter_item(work: Work, node: MapNode, token: Token) -> None:
    loop, _, index = token.node[:-1].rpartition("[")
    items = (work.runs[loop].inputs or {})["items"]
    values = {**work.values_at(loop), "item": items[int(index)], "index": int(index)}
    given = token.inputs or {}
    try:
        templates = {name: value for name, value in node.inputs.items() if name not in given}
        resolved = {**interpolate(templates, values), **given}
        inputs = subflow.fitting(work.graph, token.node, resolved)
    except (ExpressionError, subflow.InputsUnfit) as error:
        fail_at_once(work, node, token, str(error))
        return
    subflow.begin(work, token, inputs)
