"""Where secrets that are filled in may stand."""

from typing import Any

import pytest

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate
from orchestrator.validation.subflows import KnownSubflow
from tests.support.orchestrator import flow_of, plugin_node

TAKES = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}, "line": {"type": "string"}}}
FORM = {
    "schema": {"type": "object", "properties": {"pw": {"type": "string", "writeOnly": True}, "n": {"type": "string"}}}
}
AROUND = Surroundings({("echo", "1.0.0"): KnownPlugin(TAKES, {})}, {("inner", None): KnownSubflow(TAKES)})


def _inner(**inputs: Any) -> dict[str, Any]:
    return {"id": "n", "kind": "subflow", "flow": "inner", "inputs": inputs}


def _broken(node: dict[str, Any], **rest: Any) -> set[tuple[str, str | None]]:
    problems = validate(Graph(read_flow(flow_of(node, form=FORM, **rest))), AROUND)
    return {(problem.rule, problem.field) for problem in problems if problem.blocking}


@pytest.mark.parametrize(
    "node",
    [
        plugin_node("n", inputs={"line": "-p ${inputs.pw}"}),
        plugin_node("n", inputs={"token": "${inputs.pw}"}),
        plugin_node("n", inputs={"token": "named"}),
        _inner(token="${inputs.pw}", line="${inputs.pw}"),
    ],
)
def test_a_secret_goes_to_plugins_and_to_flows_inside(node: dict[str, Any]) -> None:
    assert _broken(node) == set()


@pytest.mark.parametrize(
    ("node", "rule", "field"),
    [
        ({"id": "n", "kind": "confirm", "message": "it is ${inputs.pw}"}, "secret_place", "message"),
        ({"id": "n", "kind": "expression", "values": {"x": "inputs.pw + '!'"}}, "secret_place", "values.x"),
        ({"id": "n", "kind": "timer", "seconds": "${inputs.pw}"}, "secret_place", "seconds"),
        (plugin_node("n", inputs={"token": "${inputs.n}"}), "secret_named", "inputs.token"),
        (plugin_node("n", inputs={"token": "x${inputs.pw}"}), "secret_named", "inputs.token"),
        (_inner(token="in clear"), "secret_named", "inputs.token"),
    ],
)
def test_a_secret_stands_nowhere_else_and_comes_from_nowhere_else(node: dict[str, Any], rule: str, field: str) -> None:
    assert _broken(node) == {(rule, field)}


def test_outputs_of_the_flow_and_conditions_tell_no_secret() -> None:
    node = {"id": "n", "kind": "exclusive"}
    edges = ["start>n", "n>end?inputs.pw == 'x'"]
    broken = _broken(node, edges=edges, outputs={"o": "${inputs.pw}"})
    assert broken == {("secret_place", "condition"), ("secret_place", "outputs.o")}


def test_what_people_answer_in_secret_is_a_secret() -> None:
    ask = {"id": "ask", "kind": "confirm", "message": "?", "form": FORM}
    told = flow_of(ask, plugin_node("n", inputs={"token": "${nodes.ask.outputs.data.pw}"}),
                   outputs={"o": "${nodes.ask.outputs.data.pw}", "fine": "${nodes.ask.outputs.data.n}"})  # fmt: skip
    problems = validate(Graph(read_flow(told)), AROUND)
    assert [(problem.rule, problem.field) for problem in problems] == [("secret_place", "outputs.o")]
