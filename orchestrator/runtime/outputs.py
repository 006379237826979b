from collections.abc import Mapping
from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine.model import State, Surroundings
from orchestrator.engine.states import TaskState
from orchestrator.flow.constants import with_constants
from orchestrator.flow.model import Flow


def final_outputs(flow: Flow, state: State, surroundings: Surroundings) -> dict[str, Any] | None:
    """The flow's outputs, none before its end; one that has no value says so in its place, for a finished task stays
    finished.
    """
    if state.status is not TaskState.FINISHED:
        return None
    values: dict[str, Any] = {
        "inputs": surroundings.inputs if state.inputs is None else state.inputs,
        "nodes": state.outputs,
        "task": surroundings.task,
        "project": surroundings.project,
    }
    with_constants(values, flow, state.began)
    return outputs_of(flow, values)


def outputs_of(flow: Flow, values: Mapping[str, Any]) -> dict[str, Any]:
    """The flow's outputs by what expressions see; one without a value is none."""
    outputs: dict[str, Any] = {}
    for name, template in flow.outputs.items():
        try:
            outputs[name] = interpolate(template, values)
        except ExpressionError:
            outputs[name] = None
    return outputs
