"""Nodes that ask a person: to confirm, or to approve or refuse."""

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine.events import DecideRequested
from orchestrator.engine.failures import fail, fail_at_once
from orchestrator.engine.kinds.node import flat, node_of_kind
from orchestrator.engine.model import Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import DecisionNode


def enter(work: Work, token: Token) -> None:
    """Works out what is asked and of whom, and waits."""
    node = node_of_kind(work, token.node, DecisionNode)
    try:
        asked = interpolate({"message": node.message, "approvers": list(node.approvers)}, work.values_at(token.node))
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    asked["approvers"] = flat(asked["approvers"])
    if node.approvers and not asked["approvers"]:
        fail_at_once(work, node, token, "there is nobody to decide: the approvers are an empty list")
        return
    limit(work, node, work.begin(token, NodeState.WAITING_DECISION, inputs=asked))


def decide(work: Work, decision: DecideRequested) -> None:
    """Goes on, or counts as failed when it was refused; the outputs tell who decided, and in whose place."""
    run = work.runs[decision.node]
    outputs = {
        "approved": decision.approved,
        "by": decision.actor,
        "comment": decision.comment,
        "data": decision.data,
        "in_place_of": list(decision.in_place_of),
    }
    if decision.approved:
        finish(work, run, outputs)
        return
    place = f" in place of {', '.join(decision.in_place_of)}" if decision.in_place_of else ""
    error = f"refused by {decision.actor}{place}" + (f": {decision.comment}" if decision.comment else "")
    fail(work, node_of_kind(work, run.node, DecisionNode), run, error, outputs=outputs)
