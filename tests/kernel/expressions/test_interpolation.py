import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.expressions.errors import ExpressionRefused, ExpressionSyntaxError, UnknownReference
from kernel.expressions.interpolation import MAX_DEPTH, interpolate, references, render_path, texts

VALUES = {"inputs": {"ip": "10.0.0.1", "n": 3, "list": [1, {"x": None}], "any key": True, "0": "zero"}}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("${inputs.n}", 3),
        ("${inputs.list}", [1, {"x": None}]),
        ("${inputs.list[1].x}", None),
        ("${inputs.list[-2]}", 1),
        ('${inputs["any key"]}', True),
        ("${inputs['any key']}", True),
        ("${inputs.0}", "zero"),
        ("host ${inputs.ip}, ${inputs.n} times", "host 10.0.0.1, 3 times"),
        ("${inputs.list}!", '[1, {"x": null}]!'),
        ("costs $5, $${inputs.n} and $$ stay", "costs $5, ${inputs.n} and $$ stay"),
        ("", ""),
        (7, 7),
        ({"${inputs.n}": ["${inputs.n}", {"deep": "${inputs.ip}"}]}, {"${inputs.n}": [3, {"deep": "10.0.0.1"}]}),
    ],
)
def test_a_template_gives(template: object, expected: object) -> None:
    assert interpolate(template, VALUES) == expected


@pytest.mark.parametrize(
    ("template", "position"),
    [
        ("${", 2),
        ("a ${}", 4),
        ("${inputs.}", 8),
        ("${inputs.n", 10),
        ("${inputs n}", 8),
        ("${inputs.n()}", 10),
        ("${inputs.n + 1}", 10),
        ("${inputs[x]}", 8),
        ("${1}", 2),
        ("${a.__class__.mro()}", 17),
    ],
)
def test_what_is_outside_the_grammar_is_refused_at_its_character(template: str, position: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        interpolate(template, VALUES)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("${nothing}", "the context has no 'nothing'"),
        ("x${inputs.none}", "inputs has no 'none'"),
        ("${inputs.list[2]}", "inputs.list is a list of 2"),
        ("${inputs.n.real}", "inputs.n is no object"),
        ("${inputs.list[1].x.y}", "inputs.list[1].x is null"),
        ("${inputs.ip[0]}", "inputs.ip is no object"),
        ("${inputs[0]}", "inputs has no 0"),
    ],
)
def test_an_unknown_name_is_named_with_the_place_that_lacks_it(template: str, words: str) -> None:
    with pytest.raises(UnknownReference) as caught:
        interpolate(template, VALUES)
    assert words in caught.value.message
    assert caught.value.position == template.index("$")


def test_attributes_of_python_objects_are_out_of_reach() -> None:
    with pytest.raises(UnknownReference):
        interpolate("${inputs.__class__}", VALUES)


def test_an_inserted_value_is_not_read_as_a_template_again() -> None:
    assert interpolate("${a} ${b}", {"a": "${b}", "b": "secret"}) == "${b} secret"


def test_nesting_is_bounded() -> None:
    template: object = "${inputs.n}"
    for _ in range(MAX_DEPTH + 1):
        template = [template]
    with pytest.raises(ExpressionRefused):
        interpolate(template, VALUES)


def test_references_names_every_path_once() -> None:
    template = {"a": "${x.y[0]} ${z}", "b": ["${z}", "$${no}", 1]}
    assert references(template) == {("x", "y", 0), ("z",)}


def test_texts_say_where_they_stand() -> None:
    assert list(texts({"a": ["plain", "${x}"], "b": {"c": "${y}"}})) == [("a[1]", "${x}"), ("b.c", "${y}")]


@given(json_values)
def test_a_lone_reference_gives_any_value_unchanged(value: object) -> None:
    assert interpolate("${v}", {"v": value}) is value


@given(st.text())
def test_a_text_with_its_references_escaped_comes_out_as_it_was(text: str) -> None:
    assert interpolate(text.replace("${", "$${"), {}) == text


@given(st.lists(st.text(min_size=1) | st.integers(min_value=0, max_value=5), max_size=5))
def test_every_path_can_be_written_and_found(steps: list[str | int]) -> None:
    value: object = "found"
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [value] * (step + 1)
    assert interpolate("${" + render_path(("root", *steps)) + "}", {"root": value}) == "found"


@given(st.text(alphabet="${}[].ab\"' \\0-"))
def test_any_text_is_either_read_or_refused_inside_its_bounds(text: str) -> None:
    try:
        interpolate(text, {"a": {"b": 1}})
    except (ExpressionSyntaxError, UnknownReference) as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - both outcomes are right, the position must be


@given(json_values)
def test_joining_writes_json(value: object) -> None:
    joined = interpolate("${v}.", {"v": value})
    assert joined == (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) + "."
