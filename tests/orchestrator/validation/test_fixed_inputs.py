"""What a node is given as it stands is told wrong in the words that forms use."""

from typing import Any

import pytest

from orchestrator.validation.inputs import Given, Taken, check_inputs

SCHEMA = {
    "properties": {
        "hosts": {"type": "array", "items": {"type": "object", "properties": {"ip": {"$ref": "#/$defs/ip"}}}},
        "mail": {"type": "string", "format": "email"},
        "never": False,
    },
    "$defs": {"ip": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("inputs", "field", "code"),
    [
        ({"hosts": [{"ip": "a"}, {"ip": 7}]}, "inputs.hosts[1].ip", "schema.type"),
        ({"mail": "nobody"}, "inputs.mail", "schema.format"),
        ({"never": 1}, "inputs.never", "schema.falseSchema"),
    ],
)
def test_a_wrong_value_is_told_at_its_place(inputs: dict[str, Any], field: str, code: str) -> None:
    (problem,) = check_inputs(Given("a", "find", inputs), Taken(SCHEMA))
    assert (problem.rule, problem.node_id, problem.field, problem.code) == ("input_value", "a", field, code)
    assert problem.message
    assert problem.remedy


def test_what_fits_and_what_is_worked_out_later_is_left_alone() -> None:
    inputs = {"hosts": [{"ip": "a"}], "mail": "${inputs.mail}"}
    assert list(check_inputs(Given("a", "find", inputs), Taken(SCHEMA))) == []
