"""Query, path and headers are checked against the component's schemas; what goes on stays as it came."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dataplane.declared_types import readings, types_of
from gateway.dataplane.steps.checked_parameter import CheckedParameter
from gateway.dataplane.steps.validate_parameters import ValidateParameters
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.parameters import Parameter, read_parameters
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.systems import SystemShard
from gateway.wire.refusal import Refusal
from tests.gateway.dataplane.conftest import Gateway, component

LIST = "/api/cmdb/prod/hosts"
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}}
IDS = {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}}


def serve(gateway: Gateway, *parameters: dict[str, Any], path: str = "/hosts", **stage: Any) -> None:
    names = [each["name"] for each in parameters if each["in"] == "query"]
    told = component("hosts", "GET", path=path, parameters=list(parameters), query_parameters=names)
    gateway.system(told, **stage)


def message(answer: Any) -> str:
    assert (answer.status_code, answer.json()["code_name"]) == (400, "INVALID_ARGS")
    return str(answer.json()["message"])


@pytest.mark.parametrize(
    "query",
    [
        "", "limit=20", "limit=20&limit=30", "%6Cimit=%32", "LIMIT=x", "other=%ff&=&x", "ids=1&ids=2", "ids=-1",
        "limit=500&ids=7",
    ],
)  # fmt: skip
async def test_what_the_schemas_admit_goes_on_as_it_came(gateway: Gateway, query: str) -> None:
    serve(gateway, LIMIT, IDS)
    answer = await gateway.call(f"{LIST}?{query}", "GET")
    assert answer.status_code == 200
    assert gateway.upstream.received[0].target == f"/systems/cmdb/hosts?{query}".rstrip("?")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("limit=secret", "query.limit: must be a whole number; give a whole number"),
        ("%6Cimit=secret", "query.limit: must be a whole number; give a whole number"),
        ("limit=", "query.limit: must be a whole number; give a whole number"),
        ("limit", "query.limit: must be a whole number; give a whole number"),
        ("limit=1.5", "query.limit: must be a whole number; give a whole number"),
        ("limit=+5", "query.limit: must be a whole number; give a whole number"),
        ("limit=501", "query.limit: is too large; give 500 or less"),
        ("limit=20&limit=0", "query.limit: is too small; give 1 or more"),
        ("limit=20;x=1", "query.limit: must be a whole number; give a whole number"),
        ("limit=%ff", "query.limit: is not UTF-8"),
        (f"limit={'9' * 5000}", "query.limit: must be a whole number; give a whole number"),
        ("ids=1&ids=secret", "query.ids.1: must be a whole number; give a whole number"),
        ("ids=1&ids=2&ids=3&ids=4", "query.ids: has too many items; give at most 3"),
    ],
)
async def test_what_they_do_not_admit_is_refused_by_name_and_never_repeated(
    gateway: Gateway, query: str, problem: str
) -> None:
    serve(gateway, LIMIT, IDS)
    answer = await gateway.call(f"{LIST}?{query}", "GET")
    assert problem in message(answer)
    assert "secret" not in answer.text
    assert gateway.upstream.received == []


async def test_a_missing_parameter_is_named_with_its_remedy(gateway: Gateway) -> None:
    region = {"name": "X-Region", "in": "header", "required": True, "schema": {"type": "string", "enum": ["eu", "cn"]}}
    serve(gateway, LIMIT | {"required": True}, region)
    assert "query.limit: is missing; give it in the query" in message(await gateway.call(LIST, "GET"))
    assert "header.X-Region: is missing; send the header" in message(await gateway.call(f"{LIST}?limit=1", "GET"))
    answer = await gateway.call(f"{LIST}?limit=1", "GET", headers={"x-region": "us"})
    assert "header.X-Region: is none of the choices; choose one of" in message(answer)
    assert (await gateway.call(f"{LIST}?limit=1", "GET", headers={"x-region": "cn"})).status_code == 200
    assert gateway.upstream.received[0].header("x-region") == "cn"


async def test_path_parameters_are_checked_unescaped(gateway: Gateway) -> None:
    serve(
        gateway,
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z ]+$"}},
        path="/hosts/{id}/{name}",
    )
    assert (await gateway.call(f"{LIST}/7/a%20b", "GET")).status_code == 200
    assert gateway.upstream.received[0].target == "/systems/cmdb/hosts/7/a%20b"
    assert "path.name: does not have the form wanted; match the pattern ^[a-z ]+$" in message(
        await gateway.call(f"{LIST}/7/A", "GET")
    )


async def test_a_header_is_checked_under_every_spelling(gateway: Gateway) -> None:
    serve(gateway, {"name": "X-Limit", "in": "header", "schema": {"type": "integer"}})
    for headers in ([("x-limit", "1"), ("X_Limit", "all")], [("x_limit", "all")]):
        assert "X-Limit" in message(await gateway.call(LIST, "GET", headers=headers))
    assert gateway.upstream.received == []


async def test_idempotency_key_can_be_demanded(gateway: Gateway) -> None:
    serve(gateway, {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"minLength": 8}})
    assert "header.Idempotency-Key: is missing" in message(await gateway.call(LIST, "GET"))
    answer = await gateway.call(LIST, "GET", headers={"idempotency-key": "short"})
    assert "header.Idempotency-Key: has too few characters; give at least 8" in message(answer)
    assert (await gateway.call(LIST, "GET", headers={"idempotency-key": "long enough"})).status_code == 200


@pytest.mark.parametrize("schema", [{"type": "string", "pattern": "^(?!x)"}, {"$ref": "https://a.example/b"}])
async def test_a_schema_that_cannot_be_compiled_hinders_no_call(gateway: Gateway, schema: dict[str, Any]) -> None:
    serve(gateway, {"name": "q", "in": "query", "schema": schema}, LIMIT)
    assert (await gateway.call(f"{LIST}?q=x", "GET")).status_code == 200
    assert "query.limit" in message(await gateway.call(f"{LIST}?q=x&limit=0", "GET"))


def test_alternatives_that_lead_to_each_other_are_each_looked_at_once() -> None:
    again = {"$ref": "#/$defs/a"}
    schema = {"anyOf": [again] * 30, "$defs": {"a": {"anyOf": [*[again] * 30, {"type": ["null", "integer"]}]}}}
    assert types_of(schema) == {"null", "integer"}


async def test_a_stage_can_do_without(gateway: Gateway) -> None:
    serve(gateway, LIMIT | {"required": True}, validate_requests=False)
    assert (await gateway.call(f"{LIST}?limit=x", "GET")).status_code == 200
    assert (await gateway.call(LIST, "GET")).status_code == 200


@pytest.mark.parametrize(
    "unchecked",
    [(), ({"name": "filter", "in": "query", "schema": {"type": "object"}, "style": "deepObject", "explode": True},)],
)
def test_a_route_without_such_parameters_has_no_step_for_them(unchecked: tuple[dict[str, Any], ...]) -> None:
    assert ValidateParameters.of(route(*unchecked)) is None
    assert ValidateParameters.of(route(*unchecked, LIMIT)) is not None


def route(*parameters: dict[str, Any]) -> Route:
    told = component("hosts", "GET", parameters=list(parameters))
    stage = {"release": "1.0.0", "upstream": {"base_url": "http://up.example"}, "components": [told]}
    shard = SystemShard.from_document({"name": "cmdb", "stages": {"prod": stage}}, lambda _sealed: b"")
    return shard.stages["prod"].components["hosts"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"limit": 20}, "limit=20"),
        ({"limit": "20"}, "limit=20"),
        ({"limit": None}, ""),
        ({"ids": [1, 2]}, "ids=%5B1%2C2%5D"),
        ({"ids": 4, "other": True}, "ids=4&other=true"),
    ],
)
async def test_on_the_esb_address_parameters_are_checked_as_the_component_takes_them(
    gateway: Gateway, parameters: dict[str, Any], expected: str
) -> None:
    serve(gateway, LIMIT, IDS)
    answer = await gateway.call("/api/c/compapi/v2/cmdb/hosts/", json=parameters)
    assert answer.json()["result"] is True
    assert gateway.upstream.received[0].target.partition("?")[2] == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"limit": 0}', "query.limit: is too small; give 1 or more"),
        ('{"limit": "x"}', "query.limit: must be a whole number; give a whole number"),
        ('{"limit": [1]}', "query.limit: must be a whole number; give a whole number"),
        ('{"ids": [1, "x"]}', "query.ids.1: must be a whole number; give a whole number"),
        ('{"ids": [1, 2, 3, 4]}', "query.ids: has too many items; give at most 3"),
        ('{"ids": ["\\ud800"]}', "query.ids: has half of a surrogate pair"),
        (json.dumps({"ids": json.loads("[" * 90 + "]" * 90)}), "query.ids.0: must be"),
    ],
)
async def test_on_the_esb_address_too_what_breaks_a_schema_is_refused(
    gateway: Gateway, content: str, problem: str
) -> None:
    serve(gateway, LIMIT, IDS)
    answer = await gateway.call("/api/c/compapi/v2/cmdb/hosts/", content=content)
    assert (answer.status_code, answer.json()["code"]) == (200, 1306406)
    assert problem in answer.json()["message"]
    assert gateway.upstream.received == []


def checked(schema: dict[str, Any], **more: Any) -> CheckedParameter:
    location = more.pop("location", "query")
    document = {"name": "p", "in": location, "schema": schema, **more}
    found = CheckedParameter.of(read_parameters([document])[0])
    assert found is not None
    return found


def admits(parameter: CheckedParameter, *texts: str) -> bool:
    try:
        parameter.check(list(texts))
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, ["0", "-5", "9" * 40], ["", "1.0", "1e3", "007", "0x1", "\u0661", "1 ", "true"]),
        ({"type": "number"}, ["0", "1.5", "-2e3"], ["", ".5", "1.", "NaN", "inf", "1e999"]),
        ({"type": "boolean"}, ["true", "false", "True", "0"], ["", "yes", "2"]),
        ({"type": "string", "minLength": 2}, ["ab", "12", "true"], ["", "a"]),
        ({"type": "string", "enum": ["1", "2"]}, ["1"], ["3"]),
        ({"enum": [1, "two", True]}, ["1", "two", "true"], ["3", "false"]),
        ({"type": ["integer", "null"]}, ["5", ""], ["x", "null"]),
        ({"type": ["integer", "string"], "maximum": 3, "maxLength": 2}, ["2", "ab", "99"], ["abc", "999"]),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "const": "all"}]}, ["5", "all"], ["none"]),
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer", "minimum": 1}}}, ["5"], ["0", "x"]),
        ({"type": "string", "format": "uuid"}, ["5e9d62b3-0ac3-4dd3-8f04-2ad7d1b6f6b9"], ["5e9d"]),
        ({"type": "string", "format": "date"}, ["2026-02-28"], ["2026-02-30"]),
        ({"type": "string", "format": "no-such-format"}, ["anything"], []),
    ],
)
def test_a_text_is_read_as_the_declared_type(schema: dict[str, Any], good: list[str], bad: list[str]) -> None:
    parameter = checked(schema)
    assert [text for text in good if not admits(parameter, text)] == []
    assert [text for text in bad if admits(parameter, text)] == []


@pytest.mark.parametrize(
    ("more", "good", "bad"),
    [
        ({}, ["1", "2"], ["1,2"]),
        ({"explode": False}, ["1,2"], ["1|2"]),
        ({"style": "spaceDelimited", "explode": False}, ["1 2"], ["1,2"]),
        ({"style": "pipeDelimited", "explode": False}, ["1|2"], ["1 2"]),
        ({"location": "header"}, ["1, 2"], ["1|2"]),
        ({"location": "header", "explode": True}, ["1, 2"], ["1|2"]),
    ],
)
def test_a_list_is_read_as_it_is_declared_to_be_written(more: dict[str, Any], good: list[str], bad: list[str]) -> None:
    parameter = checked({"type": "array", "items": {"type": "integer"}, "minItems": 2}, **more)
    assert admits(parameter, *good)
    assert not admits(parameter, *bad)


def test_a_list_may_also_be_something_else() -> None:
    parameter = checked({"anyOf": [{"type": "array", "items": {"type": "integer"}, "minItems": 2}, {"const": "all"},
                                   {"type": "boolean"}]})  # fmt: skip
    assert admits(parameter, "1", "2")
    assert admits(parameter, "true")
    assert not admits(parameter, "x")


@pytest.mark.parametrize(
    ("schema", "more"),
    [
        ({"type": "object"}, {}),
        ({"type": "array", "items": {"type": "object"}}, {}),
        ({"type": "array", "items": {"type": "array"}}, {}),
        ({"type": "integer"}, {"style": "matrix", "in": "path"}),
    ],
)
def test_what_no_text_says_for_certain_is_not_checked(schema: dict[str, Any], more: dict[str, Any]) -> None:
    document = {"name": "p", "in": "query", "schema": schema, **more}
    assert CheckedParameter.of(read_parameters([document])[0]) is None


_TYPES = st.frozensets(st.sampled_from(["integer", "number", "boolean", "string", "null", "array", "object"]))
_SCALARS = st.one_of(
    st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.none()
)


@given(_SCALARS)
def test_what_a_value_is_written_as_is_read_as_that_value(value: Any) -> None:
    kinds = {int: "integer", bool: "boolean", float: "number", str: "string", type(None): "null"}
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    assert readings(text, frozenset({kinds[type(value)]}))[0] == value


@given(st.text(alphabet=st.sampled_from('0123456789-+.eE truefalsT,[]{}"\x00\u0661')) | st.text(), _TYPES)
def test_any_text_has_a_reading_of_a_declared_type_or_stays_itself(text: str, types: frozenset[str]) -> None:
    found = readings(text, types)
    assert found
    kinds: dict[type, set[str]] = {
        int: {"integer", "number"},
        bool: {"boolean"},
        float: {"number"},
        type(None): {"null"},
    }
    for value in found:
        assert value == text or not types or kinds[type(value)] & types


@given(st.lists(st.text(max_size=8), max_size=4), st.sampled_from(["integer", "number", "boolean", "string", "array"]))
def test_checking_ends_in_yes_or_a_refusal_whatever_is_sent(texts: list[str], kind: str) -> None:
    parameter = checked({"type": kind})
    for takes_json in (False, True):
        with suppress(Refusal):
            parameter.check(texts, takes_json=takes_json)


@pytest.mark.parametrize(
    "document",
    [
        {"in": "query", "schema": {}},
        {"name": "p", "in": "cookie", "schema": {}},
        {"name": "p", "in": "query", "schema": True},
        {"name": "p", "in": "query", "schema": {}, "style": "tabs"},
        {"name": "p", "in": "query", "schema": {}, "required": "yes"},
    ],
)
def test_a_wrong_parameter_in_a_shard_is_refused_by_its_place(document: dict[str, Any]) -> None:
    with pytest.raises(ShardError, match=r"parameters\[0\]"):
        read_parameters([document])


def test_usual_styles() -> None:
    query, header = read_parameters([{"name": "p", "in": place, "schema": {}} for place in ("query", "header")])
    assert (query.style, query.explode) == ("form", True)
    assert header == Parameter("p", "header", {})
