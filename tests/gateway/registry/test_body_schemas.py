"""A body schema is compiled while somebody looks: what the data plane couldn't compile is never registered."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.dataplane.steps.validate import Validate
from gateway.registry.importers.openapi import import_openapi
from tests.support.management import Management, document


def _with_body(schema: Any, version: str = "3.1.0") -> dict[str, Any]:
    made = copy.deepcopy(document()) | {"openapi": version}
    made["paths"]["/hosts"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    return made


_AT = "/paths/~1hosts/post/requestBody/content/application~1json/schema"


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"pattern": "(?=x)y"}, f"{_AT}/pattern"),
        ({"pattern": "("}, f"{_AT}/pattern"),
        ({"properties": {"a": {"items": {"pattern": "(a)\\1"}}}}, f"{_AT}/properties/a/items/pattern"),
        ({"patternProperties": {"(?!x)": {}}}, f"{_AT}/patternProperties/(?!x)"),
        ({"pattern": "(" + "a{1000}" * 1000 + ")"}, f"{_AT}/pattern"),
        ({"type": "strin"}, f"{_AT}/type"),
        ({"minimum": "1"}, f"{_AT}/minimum"),
        ({"required": "ip"}, f"{_AT}/required"),
        ({"$ref": "#/components/schemas/None"}, f"{_AT}/$ref"),
        ({"$ref": "https://example.com/schema"}, f"{_AT}/$ref"),
        ({"$ref": 7}, f"{_AT}/$ref"),
        ({"$dynamicRef": "#x"}, f"{_AT}/$dynamicRef"),
        ({"$id": "http://elsewhere/"}, f"{_AT}/$id"),
        ("text", _AT),
    ],
)
def test_a_schema_that_cannot_be_compiled_is_refused_at_its_place(schema: Any, field: str) -> None:
    found = import_openapi(_with_body(schema), "cmdb")
    assert [problem.field for problem in found.problems] == [field]
    assert found.problems[0].remedy


def _of(name: str, **schemas: Any) -> dict[str, Any]:
    made = _with_body({"$ref": f"#/components/schemas/{name}"})
    made["components"]["schemas"] |= schemas
    return made


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_schema_that_multiplies_is_refused_before_anything_validates_with_it(keyword: str) -> None:
    levels = {f"d{n}": {keyword: [_ref(f"d{n + 1}")] * 10} for n in range(12)}
    (problem,) = import_openapi(_of("d0", **levels, d12={"type": "string"}), "cmdb").problems
    assert (problem.field, "multiplies" in problem.problem) == (_AT, True)
    inside = import_openapi(_of("list", list={"items": _ref("d0")}, **levels, d12={}), "cmdb").problems
    assert [each.field for each in inside] == [_AT]


def test_schemas_that_lead_back_to_themselves_are_taken() -> None:
    tree = {"properties": {"name": {"type": "string"}, "children": {"items": _ref("tree")}}}
    assert import_openapi(_of("tree", tree=tree), "cmdb").problems == ()
    pet = {"oneOf": [_ref("dog"), _ref("cat")]}
    dog = {"allOf": [_ref("pet"), {"properties": {"bark": {"type": "boolean"}}}]}
    assert import_openapi(_of("pet", pet=pet, dog=dog, cat=dog), "cmdb").problems == ()
    chain = {f"c{n}": {"allOf": [_ref(f"c{n + 1}")]} for n in range(100)}
    assert import_openapi(_of("c0", **chain, c100={}), "cmdb").problems == ()


async def test_nothing_of_such_a_document_is_registered(management: Management) -> None:
    answer = await management.import_system(_with_body({"properties": {"ip": {"pattern": "(?=1)"}}}))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_document")
    assert [each["field"] for each in answer.json()["errors"]] == [f"document{_AT}/properties/ip/pattern"]
    assert (await management.client.get("/v1/systems")).json()["items"] == []


_KEYWORDS = st.sampled_from(
    [
        "type", "enum", "const", "pattern", "format", "minimum", "exclusiveMinimum", "multipleOf", "maxLength",
        "properties", "patternProperties", "additionalProperties", "items", "prefixItems", "required", "allOf",
        "anyOf", "not", "if", "then", "$ref", "$defs", "dependentSchemas", "dependentRequired", "nullable",
        "uniqueItems", "propertyNames", "unevaluatedProperties", "contentMediaType", "discriminator", "x-own",
        "example",
    ]
)  # fmt: skip
_VALUES = st.recursive(
    st.sampled_from(
        [
            None,
            True,
            False,
            -1,
            0,
            1.5,
            10**30,
            "",
            "string",
            "[a-z]+",
            "(?=a)",
            "(",
            "#",
            "#/",
            "date",
            "uri",
            "#/paths",
        ]
    )
    | st.just("#/components/schemas/Host")
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYWORDS, inner, max_size=3),
    max_leaves=8,
)
_SCHEMAS = st.dictionaries(_KEYWORDS, _VALUES, max_size=5)


@given(schema=_SCHEMAS, version=st.sampled_from(["3.0.3", "3.1.0"]))
@example(schema={"$defs": None, "$ref": "#/components/schemas/Host"}, version="3.1.0")
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_taken_compiles_on_the_hot_road(schema: Any, version: str) -> None:
    found = import_openapi(_with_body(schema, version), "cmdb")
    for problem in found.problems:
        assert problem.field.startswith("/")
        assert problem.problem
    for component in found.components:
        if component.body_schema is not None:
            Validate(component.body_schema)
