"""What constants of a flow may be, and what names them."""

from typing import Any

import pytest

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate
from tests.support.orchestrator import flow_of, plugin_node

KNOWN = Surroundings({("echo", "1.0.0"): KnownPlugin({"type": "object"}, {"type": "object"})})
FORM = {"schema": {"type": "object", "properties": {"ip": {}, "key": {"type": "string", "writeOnly": True}}}}


def problems(constants: dict[str, Any], of_b: str = "x", of_a: str = "x") -> list[tuple[str, str, bool]]:
    """Of a, then b."""
    nodes = plugin_node("a", inputs={"x": of_a}), plugin_node("b", inputs={"x": of_b})
    definition = flow_of(*nodes, form=FORM, constants=constants)
    found = validate(Graph(read_flow(definition)), KNOWN)
    return [(each.rule, each.field or "", each.blocking) for each in found]


def test_a_constant_may_name_what_has_run_where_it_is_named() -> None:
    constants = {"dir": {"value": "/${inputs.ip}/${nodes.a.outputs.n}"}, "log": {"value": "${constants.dir}.log"}}
    assert problems(constants, of_b="${constants.log}") == []
    assert problems(constants, of_a="${constants.log}") == [("reference_order", "inputs.x", True)]
    assert problems({}, of_a="${constants.log}") == [("reference", "inputs.x", True)]
    assert problems(constants, of_b="${constants}") == [("reference", "inputs.x", True)]


@pytest.mark.parametrize(
    ("constant", "rule", "field"),
    [
        ({"value": "${inputs.no}"}, "reference", "value"),
        ({"value": "${nodes.z.outputs.x}"}, "reference", "value"),
        ({"value": "${"}, "reference_readable", "value"),
        ({"value": "${inputs.key}"}, "secret_place", "value"),
        ({"value": "${constants.c}"}, "constant_circle", "value"),
        ({"value": "${nodes.a.outputs.x}", "once": True}, "constant_once", "value"),
        ({"value": 1, "schema": {"type": "nothing"}}, "constant_schema", "schema.type"),
        ({"value": "s", "schema": {"type": "string", "writeOnly": True}}, "constant_schema", "schema.writeOnly"),
    ],
)
def test_what_is_wrong_with_one_is_named(constant: dict[str, Any], rule: str, field: str) -> None:
    assert problems({"c": constant}) == [(rule, f"constants.c.{field}", True)]


def test_a_value_that_does_not_fit_is_advised_against_and_a_name_is_plain() -> None:
    ((rule, field, blocking),) = problems({"c": {"value": "b", "schema": {"type": "string", "pattern": "^a"}}})
    assert (rule, field.startswith("constants.c.value"), blocking) == ("constant_value", True, False)
    assert problems({"c": {"value": "${inputs.ip}", "schema": {"type": "integer"}}}) == []
    assert problems({"a-b": {"value": 1}}) == [("constant_name", "constants.a-b", True)]
