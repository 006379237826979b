"""Objects in the query are checked member by member, however they are written; what goes on stays as it came."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dataplane.steps.checked_object import CheckedObject
from gateway.snapshot.model.parameters import read_parameters
from gateway.wire.refusal import Refusal
from tests.gateway.dataplane.conftest import Gateway, component

LIST = "/api/cmdb/prod/hosts"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "state": {"enum": ["up", "down"], "type": "string"},
        "size": {"$ref": "#/$defs/Size"},
        "tag/é": {"type": ["integer", "string"], "not": {"const": 7}},
    },
    "required": ["state"],
    "additionalProperties": False,
    "$defs": {"Size": {"type": "integer", "minimum": 1}},
}
DEEP = {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "schema": SCHEMA}
SPREAD = {"name": "filter", "in": "query", "schema": SCHEMA}
LISTED = {"name": "filter", "in": "query", "explode": False, "schema": SCHEMA}


def serve(gateway: Gateway, parameter: dict[str, Any]) -> None:
    gateway.system(component("hosts", "GET", path="/hosts", parameters=[parameter]))


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        (DEEP, ""),
        (DEEP, "filter[state]=up&filter[size]=3&other=1"),
        (DEEP, "filter%5Bstate%5D=up&filter%5Btag/%C3%A9%5D=8"),
        (DEEP, "filter[state]=up&filter[tag/%C3%A9]=7&other=%ff"),
        (SPREAD, "state=down&size=1&other=x"),
        (SPREAD, "other=x"),
        (LISTED, "filter=state,up,size,3"),
    ],
)
async def test_what_the_schema_admits_goes_on_as_it_came(
    gateway: Gateway, parameter: dict[str, Any], query: str
) -> None:
    serve(gateway, parameter)
    answer = await gateway.call(f"{LIST}?{query}", "GET")
    assert answer.status_code == 200, answer.text
    assert gateway.upstream.received[0].target == f"/systems/cmdb/hosts?{query}".rstrip("?")


@pytest.mark.parametrize(
    ("parameter", "query", "problem"),
    [
        (DEEP, "filter[state]=secret", "query.filter.state: "),
        (DEEP, "filter[state]=up&filter[size]=0", "query.filter.size: is too small; give 1 or more"),
        (
            DEEP,
            "filter%5Bsize%5D=big&filter[state]=up",
            "query.filter.size: must be a whole number; give a whole number",
        ),
        (DEEP, "filter[size]=3", "query.filter.state: is missing; give a value"),
        (DEEP, "filter[state]=up&filter[more]=1", "query.filter.more: is not expected here; leave it out"),
        (DEEP, "filter[state]=up&filter[state]=down", "query.filter.state: is given more than once"),
        (DEEP | {"required": True}, "filter=up", "query.filter: is missing; give it in the query"),
        (SPREAD, "size=3", "query.filter.state: is missing; give a value"),
        (SPREAD | {"required": True}, "", "query.filter.state: is missing; give a value"),
        (LISTED, "filter=state,up,size", "query.filter: is not names and values in turn"),
        (LISTED, "filter=state,left", "query.filter.state: "),
        (DEEP, "filter[state]=%ff", "query.filter: is not UTF-8"),
        (DEEP, "filter[state]=up&filter[tag/%C3%A9]=%ff", "query.filter: is not UTF-8"),
    ],
)
async def test_the_member_that_is_wrong_is_named_and_its_value_is_not(
    gateway: Gateway, parameter: dict[str, Any], query: str, problem: str
) -> None:
    serve(gateway, parameter)
    answer = await gateway.call(f"{LIST}?{query}", "GET")
    assert (answer.status_code, answer.json()["code_name"]) == (400, "INVALID_ARGS")
    assert problem in answer.json()["message"]
    assert "secret" not in answer.text
    assert gateway.upstream.received == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"tags": {"type": "array"}}},
        {"type": "object", "additionalProperties": {"type": "object"}},
        {"type": "object", "allOf": [{"properties": {"size": {"type": "string"}}}]},
        {"type": ["object", "string"]},
    ],
)
def test_what_no_text_says_for_certain_is_not_checked(schema: dict[str, Any]) -> None:
    assert CheckedObject.of(read_parameters([DEEP | {"schema": schema}])[0]) is None


@given(
    st.lists(st.tuples(st.text(max_size=4).map(lambda name: f"filter[{name}]") | st.just("filter"), st.text())),
    st.sampled_from([DEEP, SPREAD, LISTED]),
)
def test_checking_ends_in_yes_or_a_refusal_whatever_is_sent(
    pairs: list[tuple[str, str]], parameter: dict[str, Any]
) -> None:
    checked = CheckedObject.of(read_parameters([parameter])[0])
    assert checked is not None
    for takes_json in (False, True):
        with suppress(Refusal):
            checked.check(pairs, takes_json=takes_json)
