"""A node that waits for something sent to it, or for an event."""

from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import as_text, interpolate
from orchestrator.engine.effects import WaitingChanged
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Run, Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import WaitNode

MAX_KEY = 200
"""Characters of an event's key."""


def enter(work: Work, token: Token) -> None:
    """Waits. What is sent to the node before it is reached finds nobody; events are kept for a while."""
    node = node_of_kind(work, token.node, WaitNode)
    if not node.event:
        limit(work, node, work.begin(token, NodeState.WAITING_EVENT))
        return
    try:
        key = as_text(interpolate(node.key, work.values_at(token.node)))
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    if len(key) > MAX_KEY:
        fail_at_once(work, node, token, f"the key of its event has {len(key)} characters, at most {MAX_KEY}")
        return
    run = work.begin(token, NodeState.WAITING_EVENT, inputs={"event": node.event, "key": key})
    work.effects.append(WaitingChanged(run.node))
    limit(work, node, run)


def receive(work: Work, run: Run, data: Any) -> None:
    """What the node waited for."""
    finish(work, run, {"data": data})
