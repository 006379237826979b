"""An input under another name: what follows, and what keeps it from being renamed."""

from typing import Any

import pytest

from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.renaming import NotRenamed, with_input_renamed
from tests.support.orchestrator import flow_of, plugin_node

CONTROL = {"type": "Control", "scope": "#/properties/host"}
SHOWN = {"effect": "SHOW", "condition": {"scope": "#/properties/host", "schema": {"const": "a"}}}
TOGETHER = {"effect": "HIDE", "condition": {"scope": "#", "schema": {"required": ["host"]}}}
FORM = {
    "schema": {
        "type": "object",
        "properties": {"host": {"type": "string", "title": "host"}, "port": {"type": "integer"}},
        "required": ["host"],
        "dependentRequired": {"port": ["host"]},
        "if": {"properties": {"host": {"const": "host"}}},
        "then": {"required": ["port", "host"]},
    },
    "uischema": {
        "type": "VerticalLayout",
        "elements": [
            CONTROL,
            {"type": "Control", "scope": "#/properties/port", "rule": SHOWN, "options": {"detail": CONTROL}},
            {"type": "Label", "text": "host", "rule": TOGETHER},
        ],
    },
    "i18n": {"zh": {"host.label": "主机", "port.label": "host"}},
}


def _flow(*nodes: dict[str, Any], **rest: Any) -> Any:
    return read_flow(flow_of(*nodes, **{"form": FORM, **rest}))


def _renamed(*nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return write_flow(with_input_renamed(_flow(*nodes, **rest), "host", "machine"))


def test_the_form_follows_with_its_order_rules_and_languages() -> None:
    form = _renamed()["form"]
    schema, (own, other, heading) = form["schema"], form["uischema"]["elements"]
    assert list(schema["properties"]) == ["machine", "port"]
    assert schema["properties"]["machine"] == {"type": "string", "title": "host"}
    assert (schema["required"], schema["dependentRequired"]) == (["machine"], {"port": ["machine"]})
    assert (schema["if"], schema["then"]) == (
        {"properties": {"machine": {"const": "host"}}},
        {"required": ["port", "machine"]},
    )
    assert own["scope"] == other["rule"]["condition"]["scope"] == "#/properties/machine"
    assert heading == {**heading, "text": "host"}
    assert heading["rule"]["condition"]["schema"] == {"required": ["machine"]}
    assert other["options"] == {"detail": CONTROL}
    assert form["i18n"] == {"zh": {"machine.label": "主机", "port.label": "host"}}


def _schema(**more: Any) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": {"host": {"type": "string"}}, **more}}


def test_what_else_of_a_schema_names_the_input_follows() -> None:
    own = {"$ref": "#/properties/host"}
    given = _schema(default={"host": "host"}, examples=[{"host": 1}])
    given["schema"] |= {"properties": {**given["schema"]["properties"], "others": {"type": "array", "items": own}}}
    schema = _renamed(form=given)["form"]["schema"]
    assert schema["properties"]["others"]["items"] == {"$ref": "#/properties/machine"}
    assert (schema["default"], schema["examples"]) == ({"machine": "host"}, [{"machine": 1}])


@pytest.mark.parametrize(
    "more",
    [
        {"patternProperties": {"^h": {"maxLength": 9}}},
        {"allOf": [{"propertyNames": {"maxLength": 4}}]},
        {"$defs": {"asked": {"required": ["host"]}}, "allOf": [{"$ref": "#/$defs/asked"}]},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"required": ["host"]}}, "if": {"$ref": "#/$defs/a"}},
    ],
)
def test_it_is_refused_where_the_form_would_not_follow(more: dict[str, Any]) -> None:
    with pytest.raises(NotRenamed) as refused:
        _renamed(form=_schema(**more))
    assert {problem.field for problem in refused.value.problems} == {"form.schema"}


@pytest.mark.parametrize(
    "form",
    [
        _schema(required=3, dependentRequired={"host": 1}, dependentSchemas={"host": 2}, default=4, allOf=5),
        _schema(allOf=[{"$ref": "#/allOf/0"}], oneOf=[{"$ref": "#"}, {"$ref": "#/gone"}], enum=["host"]),
        {**_schema(), "i18n": {"zh": 1}, "uischema": 2},
        {**_schema(), "i18n": [1], "uischema": {"scope": 1}},
    ],
)
def test_a_form_that_is_not_sound_keeps_nothing_back(form: dict[str, Any]) -> None:
    assert "machine" in _renamed(form=form)["form"]["schema"]["properties"]


def test_nodes_conditions_constants_and_outputs_follow() -> None:
    renamed = _renamed(
        plugin_node("a", inputs={"host": ["on ${inputs.host}"]}, lock={"key": "${inputs.host}", "limit": 1}),
        {"id": "calc", "kind": "expression", "values": {"host": "inputs.host + 'x'"}},
        {"id": "ask", "kind": "approval", "message": "${inputs.host}?", "approvers": ["${inputs.host}"]},
        {"id": "how", "kind": "exclusive"},
        edges=["start>a", "a>calc", "calc>ask", "ask>how", 'how>end?inputs["host"] == "host"'],
        outputs={"host": "${inputs.host}"},
        constants={"host": {"value": "${inputs.host}!"}},
    )
    _, a, calc, ask, *_ = renamed["nodes"]
    assert (a["inputs"], a["lock"]["key"]) == ({"host": ["on ${inputs.machine}"]}, "${inputs.machine}")
    assert calc["values"] == {"host": "inputs.machine + 'x'"}
    assert (ask["message"], ask["approvers"]) == ("${inputs.machine}?", ["${inputs.machine}"])
    assert renamed["edges"][-1]["condition"] == 'inputs.machine == "host"'
    assert renamed["outputs"] == {"host": "${inputs.machine}"}
    assert renamed["constants"]["host"]["value"] == "${inputs.machine}!"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("gone", "x", "name"),
        ("host", "port", "to"),
        ("host", "2nd", "to"),
        ("host", "a-b", "to"),
        ("host", "host", "to"),
    ],
)
def test_a_name_is_refused_as_that_of_a_new_input_would_be(before: str, after: str, field: str) -> None:
    with pytest.raises(NotRenamed) as refused:
        with_input_renamed(_flow(), before, after)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize(
    ("node", "place"),
    [
        (plugin_node("a", inputs={"all": "${inputs}"}), ("a", "inputs.all")),
        ({"id": "a", "kind": "expression", "values": {"x": "inputs[task.name]"}}, ("a", "values.x")),
        (plugin_node("a", inputs={"x": "${inputs.host"}), ("a", "inputs")),
        (plugin_node("a", inputs={"x": "${inputs.machine}"}), ("a", "inputs.x")),
    ],
)
def test_it_is_refused_where_a_place_would_not_follow(node: dict[str, Any], place: tuple[str, str]) -> None:
    with pytest.raises(NotRenamed) as refused:
        _renamed(node)
    assert [(problem.node_id, problem.field) for problem in refused.value.problems] == [place]


def test_what_cant_be_read_and_names_it_nowhere_keeps_nothing_back() -> None:
    broken = plugin_node("a", inputs={"x": "${nodes."})
    assert _renamed(broken)["nodes"][1]["inputs"] == {"x": "${nodes."}
