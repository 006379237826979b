"""A node that runs another flow: a container whose nodes see its inputs and each other, and nothing around them."""

from collections.abc import Mapping
from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from kernel.forms.defaults import with_defaults
from orchestrator.engine.beginning import begin_in, beginning_inside
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Run, Token
from orchestrator.engine.onward import finish
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import SubflowNode

_FIRST = 5
"""Problems of the inputs that an error tells."""


class InputsUnfit(Exception):
    """The inputs are not what the form of the inner flow asks for; the text names each."""


def enter(work: Work, token: Token) -> None:
    """Resolves the inputs and begins the inner flow; inputs that its form does not let through fail the node."""
    node = node_of_kind(work, token.node, SubflowNode)
    beginning = beginning_inside(work, token)
    earlier = {} if beginning is None else beginning.entered[token.node]
    given = {**earlier, **(token.inputs or {})}
    try:
        templates = {name: value for name, value in node.inputs.items() if name not in given}
        resolved = interpolate(templates, work.values_at(token.node))
        inputs = fitting(work.graph, token.node, {**resolved, **given})
    except (ExpressionError, InputsUnfit) as error:
        fail_at_once(work, node, token, str(error))
        return
    if beginning is None:
        begin(work, token, inputs)
    else:
        work.begin(token, NodeState.RUNNING, inputs=inputs)
        begin_in(work, beginning, token.node)
    limit(work, node, work.runs[token.node])


def begin(work: Work, token: Token, inputs: Mapping[str, Any]) -> None:
    """The container, open, and a token at the start of the flow inside it."""
    work.begin(token, NodeState.RUNNING, inputs=inputs)
    start = work.graph.start_of(token.node).rpartition(".")[2]
    work.tokens.append(Token(f"{token.node}.{start}", None))


def fitting(graph: Graph, container: str, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs the flow inside a container begins with: what is given, defaults filled in.

    Raises:
        InputsUnfit: its form does not let them through.
    """
    form, validator = graph.flows[container].form, graph.input_validator(container)
    if form is None or validator is None:
        if given:
            raise InputsUnfit(f"the inner flow takes no inputs, given are {', '.join(sorted(given))}")
        return {}
    inputs: dict[str, Any] = with_defaults(form["schema"], given)
    problems = validator.problems(inputs, "/inputs")
    if problems:
        raise InputsUnfit("; ".join(f"{found.field} {found.problem}" for found in problems[:_FIRST]))
    return inputs


def outputs_of(work: Work, container: str) -> dict[str, Any]:
    """The outputs of the flow inside a container; one without a value is none."""
    values = work.values_inside(container)
    outputs: dict[str, Any] = {}
    for name, template in work.graph.flows[container].outputs.items():
        try:
            outputs[name] = interpolate(template, values)
        except ExpressionError:
            outputs[name] = None
    return outputs


def complete(work: Work, run: Run) -> None:
    """The inner flow has come to its end."""
    finish(work, run, outputs_of(work, run.node))
