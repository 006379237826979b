"""What is called safe is safe: checked against a validator on made-up schemas, and case by case."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.registry.releases.schema_changes import answer_changes, request_changes

NAMES = ("a", "b", "c")
SCALARS = (None, True, False, -3, -2, -1, 0, 1, 2, 3, 0.5, "", "x", "yy")
ABSENT = object()
scalars = st.sampled_from(SCALARS)


bounds = st.integers(-2, 2)
sizes = st.integers(0, 2)
FAMILIES = (
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])}, optional={"minimum": bounds, "maximum": bounds}
    ),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": sizes, "maxLength": sizes}),
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from([None, 1, 2, "x"]), unique=True, min_size=1)}),
    st.fixed_dictionaries(
        {}, optional={"type": st.lists(st.sampled_from(["null", "string", "integer"]), unique=True, min_size=1)}
    ),
    st.fixed_dictionaries({}, optional={"const": scalars}),
)
leaves = st.one_of(*FAMILIES)


def _pair(side: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    return st.tuples(side, side) | side.map(lambda same: (same, same))


@st.composite
def edits(draw: st.DrawFn, depth: int = 2) -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema and what becomes of it: often the same, often of the same kind, sometimes another altogether."""
    kind = draw(st.sampled_from(["leaf", "object", "array"])) if depth else "leaf"
    if kind == "leaf":
        return draw(st.one_of(*map(_pair, FAMILIES), st.tuples(leaves, leaves)))
    if kind == "array":
        items = draw(edits(depth - 1))
        limits = draw(_pair(st.fixed_dictionaries({}, optional={"maxItems": sizes, "uniqueItems": st.booleans()})))
        return {"type": "array", "items": items[0], **limits[0]}, {"type": "array", "items": items[1], **limits[1]}
    members = draw(st.dictionaries(st.sampled_from(NAMES), edits(depth - 1), max_size=2))
    gone = draw(st.sets(st.sampled_from(NAMES), max_size=1))
    required = draw(_pair(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)))
    others = draw(_pair(st.booleans()))
    sides = tuple(
        {
            "type": "object",
            "properties": {name: pair[side] for name, pair in members.items() if not side or name not in gone},
            "additionalProperties": others[side],
            "required": required[side],
        }
        for side in (0, 1)
    )
    return sides[0], sides[1]


schemas = edits().map(lambda edit: edit[0])


def fitting(schema: Mapping[str, Any]) -> list[Any]:
    """Values that fit, of every kind there is."""
    accepts = jsonschema_rs.validator_for(schema).is_valid
    found: list[Any] = [*SCALARS, [], {}]
    if "items" in schema:
        items = fitting(schema["items"])[:4]
        found += [list(pair) for size in (1, 2, 3) for pair in product(items, repeat=size)]
    if "properties" in schema:
        names = list(schema["properties"])
        members = [[ABSENT, *fitting(schema["properties"][name])[:4]] for name in names]
        found += [
            {name: value for name, value in zip(names, each, strict=True) if value is not ABSENT}
            for each in product(*members)
        ]
    return [value for value in found if accepts(value)]


@settings(max_examples=500)
@given(edits())
def test_a_request_that_fitted_still_fits_when_the_change_is_called_safe(
    edit: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    old, new = edit
    if any(reason.breaking for reason in request_changes(old, new)):
        return
    accepts = jsonschema_rs.validator_for(new).is_valid
    assert [value for value in fitting(old) if not accepts(value)] == []


@given(schemas)
def test_a_schema_is_no_change_to_itself(schema: dict[str, Any]) -> None:
    assert request_changes(schema, schema) == []
    assert answer_changes(schema, schema) == []


@given(edits())
def test_a_safe_change_of_answers_keeps_types_and_members(edit: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = edit
    if any(reason.breaking for reason in answer_changes(old, new)):
        return
    assert set(old.get("properties", ())) <= set(new.get("properties", ()))
    assert "type" in new or "type" not in old


def described(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {"node": described(name=TEXT, children={"type": "array", "items": {"$ref": "#/$defs/node"}})},
}
LIMITED_TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": described(
            name={"type": "string", "maxLength": 5}, children={"type": "array", "items": {"$ref": "#/$defs/node"}}
        )
    },
}


def told(reasons: Any) -> dict[str, tuple[str, bool]]:
    return {reason.where: (reason.text, reason.breaking) for reason in reasons}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            None,
            described(a=TEXT),
            {"": ("may not be array, boolean, integer, null, number …", True), "/a": ("is new", False)},
        ),
        (described(), described(a=TEXT), {"/a": ("is new", False)}),
        (described(a=TEXT), {**described(a=TEXT), "required": ["a"]}, {"/a": ("is required now", True)}),
        (described(a=TEXT), described(a=NUMBER), {"/a": ("may not be string any more", True)}),
        (described(a=NUMBER), described(a={"type": "number"}), {}),
        (described(a={"enum": ["x", "y"]}), described(a={"enum": ["x"]}), {"/a": ('may not be "y" any more', True)}),
        (described(a=TEXT), described(a={"type": "string", "maxLength": 3}), {"/a": ("maxLength is 3 now", True)}),
        (described(a=TEXT), described(), {"/a": ("is described no more", False)}),
        (
            described(a=TEXT),
            {**described(), "additionalProperties": False},
            {"": ("refuses what it doesn't describe", True), "/a": ("is refused now", True)},
        ),
        (
            described(a={"oneOf": [TEXT]}),
            described(a={"oneOf": [NUMBER]}),
            {"/a": ("oneOf changes in a way that can't be judged", True)},
        ),
        (TREE, LIMITED_TREE, {"/name": ("maxLength is 5 now", True)}),
        (TREE, TREE, {}),
        ({"$ref": "#/$defs/gone"}, TEXT, {"": ("changes in a way that can't be judged", True)}),
    ],
)
def test_what_a_changed_request_schema_means(old: Any, new: Any, expected: Mapping[str, Any]) -> None:
    found = told(request_changes(old, new))
    assert {where: breaking for where, (_, breaking) in found.items()} == {
        where: breaking for where, (_, breaking) in expected.items()
    }
    assert {where: text for where, (text, _) in found.items() if where} == {
        where: text for where, (text, _) in expected.items() if where
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, described(a=TEXT), {}),
        (described(a=TEXT), None, {"": ("is described no more", False)}),
        (described(a=TEXT), described(), {"/a": ("is gone", True)}),
        (described(), described(a=TEXT), {"/a": ("is new", False)}),
        ({**described(a=TEXT), "required": ["a"]}, described(a=TEXT), {"/a": ("is not always there any more", True)}),
        (described(a=TEXT), described(a={"type": ["string", "null"]}), {"/a": ("may be null now", True)}),
        (described(a={"enum": [1]}), described(a={"enum": [1, 2]}), {"/a": ("may have values that are new", False)}),
        (
            described(a={"type": "array", "items": described(b=TEXT)}),
            described(a={"type": "array", "items": described()}),
            {"/a/*/b": ("is gone", True)},
        ),
        (described(a={"type": "number"}), described(a=NUMBER), {}),
    ],
)
def test_what_a_changed_answer_schema_means(old: Any, new: Any, expected: Mapping[str, Any]) -> None:
    assert told(answer_changes(old, new)) == expected
