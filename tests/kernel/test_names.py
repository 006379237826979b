"""Names that nobody could read, or that would pass for others, are refused with what to do."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from kernel.names import NameRule, in_plain_characters, name_problem
from kernel.shape_problems import shape_problem

ZERO_WIDTH, OVERRIDE, JOINER = "\u200b", "\u202e", "\u200d"


@pytest.mark.parametrize(
    ("name", "code", "problem"),
    [
        (f"{ZERO_WIDTH}\u2060", "name.unseen", "holds only characters that nobody sees"),
        ("\u3164\u2800", "name.unseen", "holds only characters that nobody sees"),
        (f"{JOINER}\ufe0f", "name.unseen", "holds only characters that nobody sees"),
        (OVERRIDE, "name.unseen", "holds only characters that nobody sees"),
        (f"Restart{ZERO_WIDTH}", "name.hidden", "holds U+200B, which nobody sees"),
        ("\ufeffRestart", "name.hidden", "holds U+FEFF, which nobody sees"),
        ("Re\u206fstart", "name.hidden", "holds U+206F, which nobody sees"),
        ("Re\U000e0001start", "name.hidden", "holds U+E0001, which nobody sees"),
        (f"exe{OVERRIDE}gpj", "name.direction", "holds U+202E, which turns the text beside it around"),
        ("a\u2066b", "name.direction", "holds U+2066, which turns the text beside it around"),
        ("a\nb", "name.line", "holds a line break or another control character"),
        ("a\u2028b", "name.line", "holds a line break or another control character"),
        ("a\x85b", "name.line", "holds a line break or another control character"),
        ("a\x1b[31mb", "name.line", "holds a line break or another control character"),
    ],
)
def test_what_nobody_could_read_is_refused_and_named(name: str, code: str, problem: str) -> None:
    found = name_problem("name", name)
    assert found is not None
    assert (found.field, found.code, found.problem) == ("name", code, problem)
    assert found.remedy


@pytest.mark.parametrize(
    "name",
    ["", "Restart web", "重启　服务", "👨‍👩‍👧 family", "❤️", "می‌خواهم", "עברית\u200f", "e\u0301té", "ᎣᏏᏲ", "a\u00a0b"],
)
def test_names_of_every_script_pass(name: str) -> None:
    assert name_problem("name", name) is None
    assert in_plain_characters(name) == name


def test_a_model_refuses_them_with_the_same_words() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Annotated[str, NameRule]).validate_python(f"exe{OVERRIDE}gpj")
    error = refused.value.errors()[0]
    told, known = (
        shape_problem("name", error["type"], error["msg"], error.get("ctx")),
        name_problem("name", f"{OVERRIDE}a"),
    )
    assert known is not None
    assert (told, told.code, told.params) == (known, known.code, known.params)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a\nb", "a b"),
        (f"exe{OVERRIDE}gpj", "exegpj"),
        (f" {ZERO_WIDTH}x", "x"),
        (f"{JOINER}{ZERO_WIDTH}", ""),
        ("\n", ""),
    ],
)
def test_a_name_from_elsewhere_is_made_plain(name: str, plain: str) -> None:
    assert in_plain_characters(name) == plain
    assert name_problem("name", plain) is None
