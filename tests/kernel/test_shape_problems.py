"""Why a value has not the shape asked for, in words for who filled it in."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from kernel.errors import FieldProblem
from kernel.shape_problems import shape_problem


def said(shape: Any, value: object) -> FieldProblem:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(shape).validate_python(value)
    error = refused.value.errors()[0]
    return shape_problem("field", error["type"], error["msg"], error.get("ctx"))


def text(pattern: str) -> Any:
    return Annotated[str, Field(pattern=pattern)]


@pytest.mark.parametrize(
    ("shape", "value", "problem", "remedy"),
    [
        (Annotated[str, Field(min_length=1)], "", "is empty", "Write something"),
        (Annotated[str, Field(min_length=3)], "a", "is shorter than 3 characters", "Write at least 3"),
        (Annotated[str, Field(max_length=2)], "abc", "is longer than 2 characters", "Shorten it"),
        (Annotated[list[int], Field(min_length=1)], [], "is empty", "Give at least one"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "has more than 1 entries", "Leave some out"),
        (Annotated[int, Field(ge=1)], 0, "is below 1", "Send 1 or more"),
        (Annotated[int, Field(le=9)], 10, "is above 9", "Send 9 or less"),
        (Annotated[int, Field(gt=0)], 0, "is not above 0", "Send a number above 0"),
        (Annotated[float, Field(lt=1)], 1, "is not below 1.0", "Send a number below 1.0"),
        (int, "many", "is no whole number", "Send a whole number"),
        (int, "9" * 5000, "is too large a number", "Send a smaller one"),
        (str, 7, "is no text", "Send a text"),
        (bool, "perhaps", "is neither true nor false", "Send true or false"),
        (list[str], "a", "is no list", "Send a list"),
        (dict[str, str], [], "is no object", "Send values by name"),
        (date, "tomorrow", "is no date", "Write it like 2026-01-31"),
        (AwareDatetime, "2026-01-31T08:00:00", "has no time zone", "Write it like 2026-01-31T08:00:00Z"),
        (Literal["a", "b"], "c", "is none of the values known here", "Send one of 'a', 'b'"),
        (
            Literal["a, b", "it's", 1, "x or y"],
            "c",
            "is none of the values known here",
            "Send one of 'a, b', \"it's\", 1, 'x or y'",
        ),
    ],
)
def test_each_kind_says_what_is_wrong_and_what_to_send(shape: Any, value: object, problem: str, remedy: str) -> None:
    assert said(shape, value) == FieldProblem("field", problem, remedy)


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        (r"^[a-z][a-z0-9_-]{0,31}$", "Begin with a-z, then 0 to 31 of a-z, 0-9, _ or -"),
        (
            r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$",
            "Begin with A-Z, a-z or 0-9, then 0 to 63 of A-Z, a-z, 0-9, _, ., @ or -",
        ),
        (r"^[0-9a-f]{32}$", "Write 32 of 0-9 or a-f"),
        (r"^[^\x00-\x1f\x7f]+$", "Write it on one line, without control characters"),
        (r"^[^\x00]*$", "Write it without the character NUL"),
        (r"^[^\x00]{1,64}$", "Write 1 to 64 characters without the character NUL"),
        (
            r"^[^\x00-\x1f\x7f/,;\s]{1,128}$",
            "Write 1 to 128 characters on one line, without control characters, slashes, commas, semicolons or blanks",
        ),
        (r"^[^\x00-\x1f.]*$", r"Match the pattern ^[^\x00-\x1f.]*$"),
        (r"^(ab|cd)+$", "Match the pattern ^(ab|cd)+$"),
    ],
)
def test_a_pattern_is_told_as_what_may_be_written(pattern: str, remedy: str) -> None:
    assert said(text(pattern), "\0") == FieldProblem("field", "does not have the form wanted", remedy)


def test_what_has_no_words_of_its_own_keeps_what_its_check_says() -> None:
    assert shape_problem("field", "value_error", "Value error, ends before it begins") == FieldProblem(
        "field", "ends before it begins"
    )


def test_a_sentence_takes_along_only_the_values_it_has_places_for() -> None:
    assert (said(date, "tomorrow").code, said(date, "tomorrow").params) == ("shape.date", {})
