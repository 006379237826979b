"""Arguments of tools: their schemas, and the requests they become."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mcp.tools.arguments import ArgumentsRefused, Body, read_arguments, read_arguments_in_parts
from kernel.forms.data import compile_validator, validate_data

HOST = {
    "$ref": "#/$defs/Host",
    "$defs": {"Host": {"type": "object", "properties": {"ip": {"type": "string"}, "in": {"$ref": "#/$defs/Host"}}}},
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def parameter(name: str, location: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "required": False, "schema": {}, **more}


def test_a_plain_body_stands_beside_the_parameters() -> None:
    arguments, schema = read_arguments("POST", "/hosts", [parameter("dry")], HOST)
    assert arguments.body is Body.MEMBERS
    assert set(schema["properties"]) == {"dry", "ip", "in"}
    assert not validate_data(schema, {"ip": "1", "in": {"ip": "2"}})
    assert validate_data(schema, {"in": {"ip": 2}})
    parts = arguments.split({"dry": True, "ip": "1"})
    assert (parts.target, parts.body) == ("hosts?dry=true", b'{"ip":"1"}')


@pytest.mark.parametrize(
    "body",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "properties": {"dry": {}}},
        {"type": "object", "properties": {"self": {"$ref": "#"}}},
        {"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}]},
    ],
)
def test_any_other_body_is_one_argument(body: dict[str, Any]) -> None:
    arguments, schema = read_arguments("POST", "/hosts", [parameter("dry")], body)
    assert arguments.body is Body.ARGUMENT
    compile_validator(schema)
    assert json.loads(arguments.split({"body": [1], "dry": 1}).body or b"") == [1]


def test_a_schema_that_refers_to_itself_still_checks_where_it_now_stands() -> None:
    body = {"type": "object", "properties": {"self": {"$ref": "#"}, "n": {"type": "integer"}}}
    for read, name in ((read_arguments, "body"), (read_arguments_in_parts, "body_param")):
        _, schema = read("POST", "/x", [parameter("n")], body)
        assert not validate_data(schema, {name: {"self": {"self": {"n": 1}}}})
        assert validate_data(schema, {name: {"self": {"self": {"n": "1"}}}})


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ([parameter("id"), parameter("id", "header")], None),
        ([parameter("body")], {"type": "array"}),
        ([parameter("sid", "cookie", required=True)], None),
        ([parameter("Authorization", "header", required=True)], None),
    ],
)
def test_what_can_be_no_tool_is_told(parameters: list[dict[str, Any]], body: Any) -> None:
    with pytest.raises(ArgumentsRefused):
        read_arguments("POST", "/x", parameters, body)


@pytest.mark.parametrize(
    ("declared", "value", "query"),
    [
        ({}, [1, 2], "q=1&q=2"),
        ({"explode": False}, ["a", "b"], "q=a%2Cb"),
        ({"style": "pipeDelimited"}, ["a", "b"], "q=a%7Cb"),
        ({"style": "deepObject"}, {"a": 1}, "q%5Ba%5D=1"),
        ({}, {"a": 1}, "q=%7B%22a%22%3A1%7D"),
        ({}, 10**30, f"q={10**30}"),
        ({}, None, ""),
    ],
)
def test_query_parameters_are_written_as_declared(declared: dict[str, Any], value: Any, query: str) -> None:
    arguments, _ = read_arguments("GET", "/x", [parameter("q", **declared)], None)
    assert arguments.split({"q": value}).target == ("x?" + query if query else "x")


@pytest.mark.parametrize("value", ["", ".", "..", None, {}, {"a": 1}])
def test_what_can_not_stand_in_a_path_is_refused(value: Any) -> None:
    arguments, _ = read_arguments("GET", "/x/{id}", [parameter("id", "path")], None)
    with pytest.raises(ArgumentsRefused):
        arguments.split({"id": value})


@given(path=values, query=values, header=values, body=values)
def test_no_argument_leaves_the_place_it_was_given(path: Any, query: Any, header: Any, body: Any) -> None:
    parameters = [parameter("p", "path"), parameter("q"), parameter("X-H", "header")]
    for read, given_ in (
        (read_arguments, {"p": path, "q": query, "X-H": header, "body": body}),
        (
            read_arguments_in_parts,
            {
                "path_param": {"p": path},
                "query_param": {"q": query},
                "header_param": {"X-H": header},
                "body_param": body,
            },
        ),
    ):
        arguments, _ = read("POST", "/a/{p}/b", parameters, {"type": "array"})
        try:
            parts = arguments.split(given_)
        except ArgumentsRefused:
            continue
        target, _, _ = parts.target.partition("?")
        assert target.isascii()
        segments = target.split("/")
        assert (len(segments), segments[0], segments[2]) == (3, "a", "b")
        assert segments[1] not in ("", ".", "..")
        assert all(text.isascii() and text.isprintable() for _, text in parts.headers)
        assert json.loads(parts.body or b"null") == body
