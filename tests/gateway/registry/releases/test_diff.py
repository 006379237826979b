from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.releases.diff import diff
from gateway.registry.releases.versions import Level, needed, parse, stepped, text_of

BASE = ComponentDefinition(name="find", method="GET", path="/find", scopes=("cmdb:read",))


def parameter(**more: Any) -> ParameterDefinition:
    return ParameterDefinition("limit", "query", more.pop("required", False), more.pop("schema", {"type": "integer"}))


@pytest.mark.parametrize(
    ("change", "field", "level"),
    [
        ({"method": "POST"}, "method", Level.BREAKING),
        ({"method": "ANY"}, "method", Level.ADDED),
        ({"path": "/search"}, "path", Level.BREAKING),
        ({"match_subpath": True}, "match_subpath", Level.ADDED),
        ({"scopes": ("cmdb:read", "cmdb:all")}, "scopes", Level.BREAKING),
        ({"scopes": ()}, "scopes", Level.ADDED),
        ({"user_required": True}, "user_required", Level.BREAKING),
        ({"grant_required": False}, "grant_required", Level.ADDED),
        ({"parameters": (parameter(),)}, "parameters/query/limit", Level.ADDED),
        ({"parameters": (parameter(required=True),)}, "parameters/query/limit", Level.BREAKING),
        ({"upstream_path": "/v2/find"}, "upstream_path", Level.INNER),
        ({"timeout": 3.0}, "timeout", Level.INNER),
        ({"title": "Find"}, "title", Level.TEXT),
        ({"texts": {"zh": {"title": "查"}}}, "texts", Level.TEXT),
    ],
)
def test_each_change_has_its_reason_and_its_meaning(change: dict[str, Any], field: str, level: Level) -> None:
    found = diff([BASE], [replace(BASE, **change)])
    (changed,) = found.changed
    assert [(reason.field, reason.level) for reason in changed.reasons] == [(field, level)]
    assert (found.level, found.added, found.removed) == (level, (), ())


def test_parameters_are_compared_one_by_one() -> None:
    old = replace(BASE, parameters=(parameter(),))
    narrowed = replace(BASE, parameters=(parameter(schema={"type": "integer", "maximum": 10}),))
    (changed,) = diff([old], [narrowed]).changed
    assert [(reason.field, reason.text) for reason in changed.reasons] == [
        ("parameters/query/limit", "maximum is 10 now")
    ]
    assert diff([old], [BASE]).level is Level.INNER
    rewritten = replace(BASE, parameters=(replace(parameter(), explode=False),))
    assert diff([old], [rewritten]).level is Level.BREAKING


def test_added_and_removed_components() -> None:
    other = replace(BASE, name="other", path="/other")
    assert (diff([BASE], [BASE, other]).added, diff([BASE], [BASE, other]).level) == (("other",), Level.ADDED)
    assert (diff([BASE, other], [BASE]).removed, diff([BASE, other], [BASE]).level) == (("other",), Level.BREAKING)
    turned = diff([BASE, other], [other, BASE])
    assert (turned.reordered, turned.changed, turned.level) == (True, (), Level.TEXT)
    assert diff([BASE, other], [BASE, other]).is_empty


def test_a_schema_that_is_only_written_otherwise_breaks_nobody() -> None:
    old = replace(BASE, body_schema={"type": "object", "description": "old"})
    new = replace(BASE, body_schema={"type": "object", "description": "new"})
    assert diff([old], [new]).level < Level.BREAKING


versions = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))


@given(versions, st.sampled_from(Level))
def test_the_needed_version_follows_and_tells_more_for_more(newest: tuple[int, int, int], level: Level) -> None:
    assert needed(newest, level) > newest
    assert needed(newest, Level.TEXT) <= needed(newest, level) <= needed(newest, Level.BREAKING)
    assert parse(text_of(newest)) == newest


@pytest.mark.parametrize(
    ("newest", "level", "version"),
    [
        ("1.4.2", Level.BREAKING, "2.0.0"),
        ("1.4.2", Level.ADDED, "1.5.0"),
        ("1.4.2", Level.INNER, "1.4.3"),
        ("0.4.2", Level.BREAKING, "0.5.0"),
    ],
)
def test_versions_step_as_semver_says(newest: str, level: Level, version: str) -> None:
    assert text_of(needed(parse(newest), level)) == version


def test_steps_reset_what_is_lower() -> None:
    assert [stepped((1, 4, 2), bump) for bump in ("major", "minor", "patch")] == [(2, 0, 0), (1, 5, 0), (1, 4, 3)]
