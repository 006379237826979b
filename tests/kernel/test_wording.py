import json

import pytest

from kernel.errors import FieldProblem
from kernel.problem import field_document
from kernel.wording import Said, Wordings


def test_a_sentence_carries_its_code_and_the_values_it_names() -> None:
    problem = Wordings("size").add("small", "is below {limit}", "Send {limit} or more").at("count", limit=3)
    assert problem == FieldProblem("count", "is below 3", "Send 3 or more")
    assert (problem.code, problem.params) == ("size.small", {"limit": 3})


def test_several_values_are_joined_as_the_sentence_asks() -> None:
    said = Wordings("choice").add("wrong", "has {all}, needs {one:or}, is {types:term}")
    text = said.said(all=("a", "b"), one=("x", "y", "z"), types=("string", "integer", "string")).text
    assert text == "has a, b, needs x, y or z, is a text or a whole number"


def test_a_sentence_is_kept_with_its_code_and_values() -> None:
    said = Wordings("choice").add("wrong", "is none of {options}").said(options=("a", "b"))
    assert Said.kept(json.loads(json.dumps(said.document()))) == said


def test_braces_around_anything_else_stand_for_themselves() -> None:
    wording = Wordings("form").add("texts", "Give {zh: {label: …}} and ${name.path}")
    assert wording.said() == Said("Give {zh: {label: …}} and ${name.path}", "form.texts")


def test_a_sentence_needs_every_value_it_names() -> None:
    with pytest.raises(KeyError):
        Wordings("size").add("small", "is below {limit}").said()


def test_a_subject_has_each_name_once() -> None:
    wordings = Wordings("size")
    wordings.add("small", "is small")
    with pytest.raises(ValueError, match=r"size\.small"):
        wordings.add("small", "is tiny")


def test_an_answer_has_code_and_values_where_the_sentence_has_a_code() -> None:
    coded = Wordings("choice").add("wrong", "is none of {options}").at("mode", options=("a", "b"))
    assert field_document(coded) == {
        "field": "mode",
        "problem": "is none of a, b",
        "remedy": "",
        "code": "choice.wrong",
        "params": {"options": ["a", "b"]},
    }
    assert field_document(FieldProblem("mode", "is odd")) == {"field": "mode", "problem": "is odd", "remedy": ""}
