"""A node that waits for something sent to it."""

from typing import Any

from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Run, Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import WaitNode


def enter(work: Work, token: Token) -> None:
    """Waits; what is sent before the node is reached finds nobody."""
    node = node_of_kind(work, token.node, WaitNode)
    limit(work, node, work.begin(token, NodeState.WAITING_EVENT))


def receive(work: Work, run: Run, data: Any) -> None:
    """What the node waited for."""
    finish(work, run, {"data": data})
