from typing import Any

import pytest

from kernel.errors import Invalid
from kernel.forms.check import form_problems, read_form
from kernel.forms.schema import schema_problems

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ip": {"type": "string", "title": "IP"},
        "disk": {"$ref": "#/$defs/disk"},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"path": {"type": "string"}}}},
    },
    "$defs": {"disk": {"type": "object", "properties": {"path": {"type": "string"}}}},
}


def _layout(*elements: Any) -> dict[str, Any]:
    return {"type": "VerticalLayout", "elements": list(elements)}


def _control(scope: str, **more: Any) -> dict[str, Any]:
    return {"type": "Control", "scope": scope, **more}


def test_a_sound_form_is_read() -> None:
    uischema = _layout(
        _control("#/properties/ip", options={"widget": "password"}),
        _control("#/properties/disk/properties/path"),
        _control("#/properties/rows", options={"detail": _layout(_control("#/properties/path"))}),
        {"type": "Label", "text": "Hello"},
        {
            "type": "Group",
            "label": "More",
            "elements": [],
            "rule": {"effect": "HIDE", "condition": {"scope": "#/properties/ip", "schema": {"const": "x"}}},
        },
    )
    document = {"schema": SCHEMA, "uischema": uischema, "i18n": {"zh": {"ip.label": "地址"}}}
    assert read_form(document).document() == document


@pytest.mark.parametrize(
    ("uischema", "field"),
    [
        ("x", "form.uischema"),
        ({}, "form.uischema.type"),
        ({"type": "Frob"}, "form.uischema.type"),
        ({"type": "VerticalLayout"}, "form.uischema.elements"),
        (_layout(3), "form.uischema.elements[0]"),
        (_layout(_control("#/properties/nope")), "form.uischema.elements[0].scope"),
        (_layout(_control("#/properties/ip"), _control("ip")), "form.uischema.elements[1].scope"),
        (_layout(_control("#/properties/disk/properties/no")), "form.uischema.elements[0].scope"),
        (_layout({"type": "Control"}), "form.uischema.elements[0].scope"),
        (_layout(_control("#/properties/ip", options=1)), "form.uischema.elements[0].options"),
        (
            _layout(_control("#/properties/rows", options={"detail": _layout(_control("#/properties/x"))})),
            "form.uischema.elements[0].options.detail.elements[0].scope",
        ),
        (_layout({"type": "Label"}), "form.uischema.elements[0].text"),
        (_layout(_control("#/properties/ip", rule={"effect": "BLINK"})), "form.uischema.elements[0].rule.effect"),
        (_layout(_control("#/properties/ip", rule={"effect": "HIDE"})), "form.uischema.elements[0].rule.condition"),
        (
            _layout(_control("#/properties/ip", rule={"effect": "HIDE", "condition": {"scope": "#/x", "schema": {}}})),
            "form.uischema.elements[0].rule.condition.scope",
        ),
        (
            _layout(
                _control("#/properties/ip", rule={"effect": "HIDE", "condition": {"scope": "#", "schema": {"type": 1}}})
            ),
            "form.uischema.elements[0].rule.condition.schema",
        ),
    ],
)
def test_a_wrong_uischema_is_named_by_its_place(uischema: Any, field: str) -> None:
    assert [problem.field for problem in form_problems({"schema": SCHEMA, "uischema": uischema})] == [field]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (None, "form"),
        ({}, "form.schema"),
        ({"schema": {"type": "array"}}, "form.schema.type"),
        ({"schema": SCHEMA, "extra": 1}, "form.extra"),
        ({"schema": SCHEMA, "i18n": []}, "form.i18n"),
        ({"schema": SCHEMA, "i18n": {"klingon": {}}}, "form.i18n.klingon"),
        ({"schema": SCHEMA, "i18n": {"zh": []}}, "form.i18n.zh"),
        ({"schema": SCHEMA, "i18n": {"zh": {"ip.label": 1}}}, "form.i18n.zh['ip.label']"),
    ],
)
def test_a_wrong_form_is_named_by_its_place(document: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_form(document)
    assert [problem.field for problem in caught.value.fields] == [field]


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ([], "inputs"),
        ({"type": "strin"}, "inputs.type"),
        ({"properties": {"a": {"minLength": -1}}}, "inputs.properties.a.minLength"),
        ({"properties": []}, "inputs.properties"),
        ({"required": "a"}, "inputs.required"),
        ({"properties": {"a": {"pattern": "("}}}, "inputs.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "(?=x)"}}}, "inputs.properties.a.pattern"),
        ({"properties": {"a": {"pattern": r"(a)\1"}}}, "inputs.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "a" * 1001}}}, "inputs.properties.a.pattern"),
        ({"patternProperties": {"(?!x)": {}}}, "inputs.patternProperties['(?!x)']"),
        ({"properties": {"a": {"$ref": "#/$defs/no"}}}, "inputs.properties.a.$ref"),
        ({"properties": {"a": {"$ref": "https://example.com/x"}}}, "inputs.properties.a.$ref"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "inputs.properties.a.$ref"),
        ({"$ref": "#"}, "inputs.$ref"),
        ({"properties": {"a": {"items": {"$ref": "#/properties/a"}}}}, "inputs.properties.a.items.$ref"),
        ({"properties": {"a": {"$id": "http://x/"}}}, "inputs.properties.a.$id"),
        ({"properties": {"a": {"$dynamicRef": "#a"}}}, "inputs.properties.a.$dynamicRef"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "inputs.$schema"),
        ({"$schema": 7}, "inputs.$schema"),
    ],
)
def test_an_unsound_schema_is_named_by_its_place(schema: Any, field: str) -> None:
    assert [problem.field for problem in schema_problems(schema, "inputs")] == [field]


def test_a_schema_that_explodes_when_written_out_is_refused_before_anything_writes_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compiled(schema: Any) -> None:
        raise AssertionError("it would be written out")

    monkeypatch.setattr("kernel.forms.schema.compile_validator", compiled)
    definitions = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    schema = {"$ref": "#/$defs/d0", "$defs": {**definitions, "d40": {}}}
    (problem,) = schema_problems(schema, "inputs")
    assert "written out" in problem.problem


def test_a_chain_of_thousands_of_references_is_refused() -> None:
    definitions = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(5_000)}
    (problem,) = schema_problems({"$ref": "#/$defs/d0", "$defs": {**definitions, "d5000": {}}}, "inputs")
    assert "references" in problem.problem


def test_a_ten_thousand_deep_schema_is_refused_without_recursion() -> None:
    deep: Any = {}
    for _ in range(10_000):
        deep = {"properties": {"a": deep}}
    assert "deeper" in schema_problems(deep, "inputs")[0].problem
    assert "deeper" in form_problems({"schema": {"type": "object"}, "uischema": deep})[0].problem


def test_a_pattern_that_would_compile_to_a_huge_automaton_is_refused() -> None:
    (problem,) = schema_problems({"properties": {"a": {"pattern": r"(\w{1000}){1000}"}}}, "inputs")
    assert problem.field == "inputs.properties.a.pattern"
