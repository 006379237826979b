"""The schemas of parameters arrive from every kind of document, and reach the data plane as far as they refuse."""

from typing import Any

import pytest

from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.shards import served_component
from gateway.snapshot.model.parameters import Parameter
from tests.support.management import Management, document

INTEGERS = {"type": "array", "items": {"type": "integer"}}


def _imported(*parameters: dict[str, Any], version: str = "3.1.0") -> tuple[ParameterDefinition, ...]:
    operation = {"operationId": "search", "parameters": list(parameters)}
    given = document(**{"/search": {"get": operation}}) | {"openapi": version}
    if version == "2.0":
        del given["openapi"], given["components"]
        given |= {"swagger": version, "paths": {"/search": {"get": operation}}}
    found = import_openapi(given, "cmdb")
    assert found.problems == ()
    return next(component.parameters for component in found.components if component.name == "search")


def _problems(parameter: dict[str, Any]) -> list[str]:
    given = document(**{"/search": {"get": {"operationId": "search", "parameters": [parameter]}}})
    return [problem.field for problem in import_openapi(given, "cmdb").problems]


@pytest.mark.parametrize(
    ("given", "spelling"),
    [
        ({"schema": INTEGERS}, {}),
        ({"schema": INTEGERS, "style": "form"}, {}),
        ({"schema": INTEGERS, "explode": False}, {"explode": False}),
        ({"schema": INTEGERS, "style": "pipeDelimited"}, {"style": "pipeDelimited"}),
    ],
)
def test_how_a_list_is_written_is_kept_where_it_is_not_the_usual(
    given: dict[str, Any], spelling: dict[str, Any]
) -> None:
    (parameter,) = _imported({"name": "ids", "in": "query", **given})
    kept = {"name": "ids", "in": "query", "required": False, "schema": INTEGERS, "description": "", **spelling}
    assert parameter.document() == kept
    assert ParameterDefinition.from_document(kept) == parameter


@pytest.mark.parametrize(
    ("collection", "schema", "spelling"),
    [
        ({}, INTEGERS, (None, False)),
        ({"collectionFormat": "csv"}, INTEGERS, (None, False)),
        ({"collectionFormat": "multi"}, INTEGERS, (None, True)),
        ({"collectionFormat": "ssv"}, INTEGERS, ("spaceDelimited", False)),
        ({"collectionFormat": "pipes"}, INTEGERS, ("pipeDelimited", False)),
        ({"collectionFormat": "tsv"}, {"type": "string"}, (None, None)),
    ],
)
def test_swagger_2_has_other_names_for_it(
    collection: dict[str, Any], schema: dict[str, Any], spelling: tuple[str | None, bool | None]
) -> None:
    (parameter,) = _imported({"name": "ids", "in": "query", **INTEGERS, **collection}, version="2.0")
    assert (parameter.schema, (parameter.style, parameter.explode)) == (schema, spelling)


def test_a_parameter_that_holds_json_is_a_text() -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Host"}}}
    (parameter,) = _imported({"name": "filter", "in": "query", "content": content})
    assert parameter.schema == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": "#/$defs/Host"},
        "$defs": {"Host": {"type": "object", "properties": {"ip": {"type": "string"}}, "required": ["ip"]}},
    }


@pytest.mark.parametrize(
    ("parameter", "field"),
    [
        ({"in": "query", "schema": {"type": "string", "pattern": "(?=a)"}}, "schema/pattern"),
        ({"in": "query", "style": "tabs"}, "style"),
        ({"in": "query", "style": 5}, "style"),
        ({"in": "header", "explode": "yes"}, "explode"),
    ],
)
def test_what_could_not_be_checked_is_refused_at_its_place(parameter: dict[str, Any], field: str) -> None:
    assert _problems({"name": "p", **parameter}) == [f"/paths/~1search/get/parameters/0/{field}"]


def test_a_cookie_is_only_told() -> None:
    assert _problems({"name": "p", "in": "cookie", "schema": {"type": "string", "pattern": "(?=a)"}}) == []


@pytest.mark.parametrize(
    ("location", "name", "required", "schema"),
    [
        ("query", "q", False, {}),
        ("query", "q", False, {"type": "string", "description": "What to look for", "default": "all"}),
        ("query", "filter", False, {"type": "string", "contentSchema": {"type": "object"}}),
        ("query", "bk_app_code", True, {"type": "string"}),
        ("path", "id", True, {"type": "string"}),
        ("header", "Accept", True, {"type": "string", "enum": ["text/plain"]}),
        ("header", "X-Bkapi-Authorization", True, {"type": "string"}),
        ("cookie", "session", True, {"type": "integer"}),
    ],
)
def test_what_refuses_nothing_or_never_passes_is_not_carried(
    location: str,
    name: str,
    required: bool,  # noqa: FBT001 - a row of the table
    schema: dict[str, Any],
) -> None:
    parameter = ParameterDefinition(name, location, required, schema)
    component = ComponentDefinition(name="search", method="GET", path="/search/{id}", parameters=(parameter,))
    assert "parameters" not in served_component(component)


@pytest.mark.parametrize(
    "parameter",
    [
        ParameterDefinition("q", "query", True, {}),
        ParameterDefinition("id", "path", True, {"type": "integer"}),
        ParameterDefinition("Idempotency-Key", "header", True, {"type": "string"}),
    ],
)
def test_what_refuses_something_is_carried(parameter: ParameterDefinition) -> None:
    component = ComponentDefinition(name="search", method="GET", path="/search/{id}", parameters=(parameter,))
    served = served_component(component)["parameters"]
    assert served == [{"name": parameter.name, "in": parameter.location, "required": True, "schema": parameter.schema}]


async def test_a_released_component_is_served_with_its_parameters(management: Management) -> None:
    parameters = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 500}, "description": "At most"},
        {"name": "ids", "in": "query", "required": True, "schema": INTEGERS, "explode": False},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]
    given = document(**{"/search": {"get": {"operationId": "search", "parameters": parameters}}})
    answer = await management.import_system(given)
    assert answer.status_code in (200, 201), answer.text
    route = management.holder.current.systems["cmdb"].stages["prod"].components["search"]
    assert route.parameters == (
        Parameter("limit", "query", {"type": "integer", "maximum": 500}, False, "form", True),
        Parameter("ids", "query", INTEGERS, True, "form", False),
    )
    draft = (await management.client.get("/v1/systems/cmdb/draft/components/search")).json()["component"]
    assert draft["parameters"][1] == parameters[1] | {"description": ""}


async def test_a_form_can_say_how_a_list_is_written(management: Management) -> None:
    await management.import_system(document())
    address = "/v1/systems/cmdb/draft/components/search"
    parameter = {"name": "ids", "in": "query", "schema": INTEGERS, "style": "pipeDelimited", "explode": False}
    made = await management.client.put(address, json={"method": "GET", "path": "/search", "parameters": [parameter]})
    assert made.status_code in (200, 201), made.text
    assert made.json()["component"]["parameters"] == [parameter | {"required": False, "description": ""}]
    parameter = {"name": "ids", "in": "query", "schema": {"pattern": "(?=a)"}}
    wrong = await management.client.patch(address, json={"parameters": [parameter]})
    assert wrong.status_code == 422
    assert [each["field"] for each in wrong.json()["errors"]] == ["parameters.0.schema/pattern"]
