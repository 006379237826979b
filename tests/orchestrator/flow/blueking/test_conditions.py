"""BlueKing's conditions as CEL: what the converted ones answer is what boolrule answers, but where it is said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.expressions.conditions import compile_condition, holds
from orchestrator.flow.blueking.conditions import NotConverted, to_cel
from orchestrator.flow.blueking.names import Names

NAMES = Names(
    {
        **{
            f"${{{name}}}": {"key": name, "show_type": "show", "source_type": "custom"} for name in ("n", "s", "l", "b")
        },
        "${out}": {"source_type": "component_outputs", "source_info": {"9a": ["code"]}, "show_type": "hide"},
        "${env}": {"source_type": "custom", "show_type": "hide", "value": "prod"},
        "${six}": {"source_type": "custom", "show_type": "hide", "value": "6"},
        "${deep}": {"source_type": "custom", "show_type": "hide", "value": {"a": 1}},
    }
)
VALUES: dict[str, Any] = {
    "inputs": {"n": "5", "s": "abc", "l": ["1", "2"], "b": True},
    "nodes": {"n9a": {"outputs": {"code": 3, "items": [{"x": "y"}]}}},
    "constants": {"env": "prod", "six": "6", "deep": {"a": 1}},
    "task": {"name": "t"},
    "project": {"variables": {"X": 1, "hosts": ["a"]}},
}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("${n} > 1", True),
        ("${n} <= 4", False),
        ("${n} == 5", True),
        ('"${n}" == "5"', True),
        ('"${n}" == 5', True),
        ("${s} == abc", True),
        ('${s} != "abc"', False),
        ("${out} == 3", True),
        ("${out} >= ${six}", False),
        ("${env} == prod", True),
        ("${six} > 5", True),
        ("${deep.a} == 1", True),
        ("${s} in (abc, def)", True),
        ('${s} notin ("abc", "def")', False),
        ("${n} in (1, 5)", True),
        ("3 notin (1, 5)", True),
        ("1 in ${l}", True),
        ("(1, 2) issuperset (1)", True),
        ("${l} issuperset (1, 3)", False),
        ("(1) notissuperset (1, 3)", True),
        ("${b} == true", True),
        ("${b} != True", False),
        ("${b}", True),
        ("true", True),
        ("false", False),
        ("*", True),
        ("abc == abc", True),
        ("(${n} > 1 and ${n} < 4) or ${s} == abc", True),
        ("false and true or true", False),
        ("true or true and false", True),
        ("${_system.task_name} == t", True),
        ("${_env_X} == 1", True),
        ("b in ${_env_hosts}", False),
    ],
)
def test_a_converted_condition_answers_as_it_did(source: str, *, answer: bool) -> None:
    assert holds(to_cel(source, NAMES), VALUES) is answer


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("", 0, "a value is missing"),
        ("${n} >", 6, "a value is missing"),
        ("a b == a b", 2, "not expected"),
        ("${n} == ${gone}", 8, "no variable 'gone'"),
        ("${int(n)} > 1", 0, "is an expression"),
        ('"x-${n}" == 1', 0, "inside a longer text"),
        ("${_env_1X} == 1", 0, "can't be the name"),
        ("${_system.language} == 1", 0, "no counterpart"),
        ("(${n} > 1", 9, "')' is missing"),
        ("${n} > 1)", 8, "not expected"),
        ("(1, 2) == 1", 7, "can't be compared"),
        ("$ == 1", 0, "not understood"),
    ],
)
def test_what_is_not_converted_is_named_with_its_character(source: str, position: int, words: str) -> None:
    with pytest.raises(NotConverted) as caught:
        to_cel(source, NAMES)
    assert (caught.value.position, words in str(caught.value)) == (position, True), str(caught.value)


@given(st.text(alphabet="${}ns.[]\"'()<>=!,*andortuefl 015-中", max_size=30))
def test_any_text_is_either_converted_to_what_can_be_read_or_refused(source: str) -> None:
    try:
        condition = to_cel(source, NAMES)
    except NotConverted as error:
        assert 0 <= error.position <= len(source)  # noqa: PT017 - both outcomes are right
    else:
        compile_condition(condition)
