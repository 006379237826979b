from typing import Any

import pytest

from kernel.forms.data import DataValidator, SchemaUnusable, validate_data


def _fields(schema: dict[str, Any], data: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.remedy) for problem in validate_data(schema, data)]


HOST = {
    "type": "object",
    "properties": {
        "ip": {"type": "string", "format": "ipv4"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2, "uniqueItems": True},
        "mail": {"type": "string", "format": "email"},
        "when": {"type": "string", "format": "date-time"},
        "name": {"type": "string", "pattern": "^[a-z]+$", "minLength": 2},
    },
    "required": ["ip"],
    "additionalProperties": False,
}


def test_data_that_fit_have_no_problems() -> None:
    data = {"ip": "10.0.0.1", "port": 22, "tags": ["a"], "mail": "a@b.example", "when": "2026-01-01T00:00:00Z"}
    assert validate_data(HOST, data) == []


@pytest.mark.parametrize(
    ("data", "field", "remedy"),
    [
        ({}, "/ip", "Give a value"),
        ({"ip": 1}, "/ip", "Give a text"),
        ({"ip": "10.0.0"}, "/ip", "Give an IPv4 address"),
        ({"ip": "10.0.0.1", "port": 0}, "/port", "Give 1 or more"),
        ({"ip": "10.0.0.1", "port": 65536}, "/port", "Give 65535 or less"),
        ({"ip": "10.0.0.1", "port": "22"}, "/port", "Give a whole number"),
        ({"ip": "10.0.0.1", "tags": ["a", "c"]}, "/tags/1", 'Choose one of "a", "b"'),
        ({"ip": "10.0.0.1", "tags": ["a", "a"]}, "/tags", "Leave the repetition out"),
        ({"ip": "10.0.0.1", "tags": ["a", "b", "a"]}, "/tags", "Give at most 2"),
        ({"ip": "10.0.0.1", "mail": "nobody"}, "/mail", "Give a mail address"),
        ({"ip": "10.0.0.1", "when": "yesterday"}, "/when", "Give a time like 2026-01-31T08:00:00Z"),
        ({"ip": "10.0.0.1", "name": "A1"}, "/name", "Match the pattern ^[a-z]+$"),
        ({"ip": "10.0.0.1", "name": "a"}, "/name", "Give at least 2"),
        ({"ip": "10.0.0.1", "a/b": 1}, "/a~1b", "Leave it out"),
        ([], "", "Give an object"),
        (None, "", "Give an object"),
    ],
)
def test_a_problem_names_the_field_and_what_to_do(data: Any, field: str, remedy: str) -> None:
    assert (field, remedy) in _fields(HOST, data)


def test_every_wrong_field_is_reported_at_once() -> None:
    assert {field for field, _ in _fields(HOST, {"port": 0, "mail": "x", "more": 1})} == {
        "/ip", "/port", "/mail", "/more"
    }  # fmt: skip


def test_alternatives_by_type_and_by_constant_are_told_together() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "b": {"oneOf": [{"const": "x"}, {"const": "y"}]},
            "c": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        },
    }
    assert _fields(schema, {"a": None, "b": "z", "c": 1}) == [
        ("/a", "Give a text or a whole number"),
        ("/b", 'Choose one of "x", "y"'),
        ("/c", "Make it fit exactly one"),
    ]


def test_problems_never_repeat_the_value() -> None:
    schema = {"type": "object", "properties": {"password": {"type": "string", "minLength": 20, "pattern": "^x"}}}
    problems = validate_data(schema, {"password": "hunter2-secret"})
    assert len(problems) == 2
    assert not any("hunter2" in problem.problem + problem.remedy for problem in problems)


def test_a_place_before_the_pointer_can_be_named() -> None:
    assert [problem.field for problem in validate_data(HOST, {}, "inputs")] == ["inputs/ip"]


def test_a_ten_thousand_deep_document_is_refused_without_recursion() -> None:
    deep: Any = {}
    for _ in range(10_000):
        deep = {"a": deep}
    assert "deeper" in validate_data({"type": "object"}, deep)[0].problem


@pytest.mark.parametrize("pattern", ["(?=a)a", "(?<!a)b", r"(a)\1", "(?>a+)"])
def test_what_only_a_backtracking_matcher_can_do_is_not_there(pattern: str) -> None:
    with pytest.raises(SchemaUnusable):
        DataValidator({"pattern": pattern})


def test_a_pattern_that_would_backtrack_without_end_is_answered() -> None:
    validator = DataValidator({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}})
    assert validator.problems({"a": "a" * 100_000 + "b"}) != []


def test_what_json_has_no_form_for_is_refused() -> None:
    assert validate_data({"type": "object"}, {"a": {1, 2}})[0].problem == "holds a value of type set"
    assert validate_data({"type": "object"}, {1: 2})[0].problem == "has a name that is no text"
    assert validate_data({"type": "object"}, {"a": float("nan")})[0].problem == "holds a number that isn't finite"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_texts_that_no_database_takes_are_refused(text: str) -> None:
    assert "can't be stored" in validate_data({"type": "object"}, {"a": [text]})[0].problem
    assert "can't be stored" in validate_data({"type": "object"}, {text: 1})[0].problem


def test_at_most_fifty_problems_are_reported() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert len(validate_data(schema, {str(n): "x" for n in range(1000)})) == 50
