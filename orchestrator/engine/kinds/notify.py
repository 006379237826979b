"""Nodes that tell people something: called as plugins are, and answered by the runtime's own sender."""

from typing import Final

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine.effects import ExecuteNode
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import flat, node_of_kind
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import NotifyNode

SENDER: Final = "(notify)"
"""What is called in place of a plugin; codes of plugins have no brackets."""


def enter(work: Work, token: Token) -> None:
    """Works out what is told and to whom, and has it sent."""
    node = node_of_kind(work, token.node, NotifyNode)
    templates = {"title": node.title, "content": node.content, "people": list(node.people)}
    try:
        inputs = interpolate(templates, work.values_at(token.node))
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    people = flat(inputs["people"])
    if node.launcher:
        people.append(str(work.values["task"]["created_by"]))
    inputs |= {"people": list(dict.fromkeys(people)), "groups": list(node.groups), "types": list(node.types)}
    run = work.begin(token, NodeState.RUNNING, inputs=inputs, busy=True)
    work.effects.append(ExecuteNode(run.node, run.id, run.step, inputs))
    limit(work, node, run)
