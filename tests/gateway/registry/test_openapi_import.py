"""Documents → components, without a database."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.openapi import import_openapi
from gateway.snapshot.model.systems import SystemShard
from kernel.forms.data import validate_data
from tests.support.management import document


def _components(given_document: Any) -> dict[str, ComponentDefinition]:
    found = import_openapi(given_document, "cmdb")
    assert found.problems == ()
    return {component.name: component for component in found.components}


def _fields(given_document: Any) -> list[str]:
    return [problem.field for problem in import_openapi(given_document, "cmdb").problems]


def test_each_operation_is_a_component_with_its_scope() -> None:
    found = _components(document())
    assert {(c.name, c.method, c.path, c.scopes, c.is_read) for c in found.values()} == {
        ("list_hosts", "GET", "/hosts", ("cmdb:read",), True),
        ("create_host", "POST", "/hosts", ("cmdb:write",), False),
        ("get_host", "GET", "/hosts/{host_id}", ("cmdb:read",), True),
    }
    assert [(p.name, p.location, p.required) for p in found["get_host"].parameters] == [("host_id", "path", True)]


def test_a_post_that_says_it_only_reads_needs_the_read_scope() -> None:
    search = {"/search": {"post": {"operationId": "search", "x-trunkline-read": True}}}
    found = _components(document(**search))["search"]
    assert (found.scopes, found.is_read) == (("cmdb:read",), True)


def test_scopes_come_from_oauth_requirements_and_stay_in_the_systems_namespace() -> None:
    given_document = document()
    given_document["components"]["securitySchemes"] = {"o": {"type": "oauth2"}, "k": {"type": "apiKey"}}
    hosts = given_document["paths"]["/hosts"]
    hosts["get"]["security"] = [{"k": []}, {"o": ["hosts.list", "job:write", "cmdb:own"]}]
    hosts["post"]["security"] = [{"k": []}]
    found = _components(given_document)
    assert found["list_hosts"].scopes == ("cmdb:hosts.list", "cmdb:job:write", "cmdb:own")
    assert found["create_host"].scopes == ("cmdb:write",)


def test_references_travel_with_the_schema_even_when_they_recurse() -> None:
    given_document = document()
    given_document["components"]["schemas"]["Host"]["properties"]["parent"] = {"$ref": "#/components/schemas/Host"}
    schema = _components(given_document)["create_host"].body_schema
    assert schema is not None
    assert validate_data(schema, {"ip": "::1", "parent": {"ip": "::2"}}) == []
    assert [p.field for p in validate_data(schema, {"ip": "::1", "parent": {"ip": 2}})] == ["/parent/ip"]


def test_the_dialect_of_3_0_is_respelt() -> None:
    given_document = document() | {"openapi": "3.0.3"}
    given_document["components"]["schemas"]["Host"]["properties"] |= {
        "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
        "kind": {"type": "string", "enum": ["a"], "nullable": True},
        "also": {"nullable": True, "allOf": [{"type": "string"}]},
    }
    schema = _components(given_document)["create_host"].body_schema
    assert schema is not None
    for fits in ({"size": None}, {"size": 1}, {"kind": None}, {"kind": "a"}, {"also": None}, {"also": "x"}):
        assert validate_data(schema, {"ip": "x"} | fits) == []
    for unfit in ({"size": 0}, {"kind": "b"}, {"also": 1}):
        assert validate_data(schema, {"ip": "x"} | unfit) != []


def test_an_operation_without_id_gets_a_name_from_its_address() -> None:
    given_document = document()
    del given_document["paths"]["/hosts/{host_id}"]["get"]["operationId"]
    assert "get_hosts_by_host_id" in _components(given_document)


def _with(**paths: Any) -> dict[str, Any]:
    return document(**paths)


@pytest.mark.parametrize(
    ("given_document", "field"),
    [
        ([], "/"),
        ({"openapi": "2.0"}, "/openapi"),
        ({"openapi": "3.1.0"}, "/paths"),
        ({"openapi": "3.1.0", "paths": {}}, "/paths"),
        (_with(hosts={"get": {}}), "/paths/hosts"),
        (_with(**{"/a/{b}.json": {"get": {}}}), "/paths/~1a~1{b}.json"),
        (_with(**{"/a/../b": {"get": {}}}), "/paths/~1a~1..~1b"),
        (_with(**{"/a": {"trace": {}}}), "/paths/~1a/trace"),
        (_with(**{"/a": {"get": 1}}), "/paths/~1a/get"),
        (_with(**{"/a": {"get": {"operationId": "get_host"}}}), "/paths/~1a/get/operationId"),
        (_with(**{"/hosts/{other}": {"get": {}}}), "/paths/~1hosts~1{other}/get"),
        (_with(**{"/a": {"get": {"parameters": [{"$ref": "#/no/where"}]}}}), "/paths/~1a/get/parameters/0/$ref"),
        (_with(**{"/a": {"$ref": "https://example.com/x.json"}}), "/paths/~1a/$ref"),
        (_with(**{"/a": {"get": {"parameters": [{"name": "x"}]}}}), "/paths/~1a/get/parameters/0/in"),
        (_with(**{"/a": {"get": {"x-trunkline-read": "yes"}}}), "/paths/~1a/get/x-trunkline-read"),
        (_with(**{"/a": {"get": {"security": [{"nowhere": []}]}}}), "/paths/~1a/get/security/0/nowhere"),
        (
            _with(
                **{"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "strin"}}}}}}}
            ),
            "/paths/~1a/post/requestBody/content/application~1json/schema/type",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_place(given_document: Any, field: str) -> None:
    assert field in _fields(given_document)


def test_a_document_that_is_too_deep_or_unfolds_to_too_much_is_refused_wherever_that_stands() -> None:
    deep: Any = {}
    for _ in range(70):
        deep = {"a": deep}
    much: Any = ["a"]
    for _ in range(20):
        much = [much, much]
    for part in (deep, much):
        found = import_openapi({**document(), "x-unread": part}, "cmdb")
        assert found.problems
        assert not found.components


def test_references_that_chase_each_other_are_refused() -> None:
    given_document = document(**{"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}})
    assert import_openapi(given_document, "cmdb").problems


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_BASE = document(
    **{
        "/search/{kind}": {
            "parameters": [{"name": "kind", "in": "path", "schema": {"type": "string"}}],
            "post": {
                "operationId": "search",
                "security": [{"o": ["x"]}],
                "requestBody": {"content": {"application/json": {"schema": {"oneOf": [{"type": "string"}]}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Host"}}}}
                },
            },
        }
    }
)
_BASE["components"]["securitySchemes"] = {"o": {"type": "oauth2"}}


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for step, inner in steps for found in _places(inner, (*place, step)))]


@given(place=st.sampled_from(_places(_BASE)[1:]), value=_JSON, removed=st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_document_is_served_or_refused_by_name(place: tuple[Any, ...], value: Any, *, removed: bool) -> None:
    mutated = copy.deepcopy(_BASE)
    parent: Any = mutated
    for step in place[:-1]:
        parent = parent[step]
    if removed:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    found = import_openapi(mutated, "cmdb")
    if found.problems:
        assert all(problem.field.startswith("/") and problem.problem for problem in found.problems)
        return
    components = [
        {"name": c.name, "method": c.method, "path": c.path, "scopes": list(c.scopes), "body_schema": c.body_schema}
        for c in found.components
    ]
    stage = {"release": "1.0.0", "upstream": {"base_url": "http://x"}, "components": components}
    shard = SystemShard.from_document({"name": "cmdb", "stages": {"prod": stage}}, lambda _sealed: b"")
    assert len(shard.stages["prod"].components) == len(components)
    assert all(scope.startswith("cmdb:") for c in found.components for scope in c.scopes)
