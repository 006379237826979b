"""Says in plain words why a value has not the shape asked for: what is wrong, and what to send instead."""

import re
from collections.abc import Mapping
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.names import NAMES
from kernel.wording import Wordings

SHAPES: Final = Wordings("shape")
_say = SHAPES.add
_TEXT = _say("text", "is no text", "Send a text")
_WHOLE = _say("whole_number", "is no whole number", "Send a whole number")
_NUMBER = _say("number", "is no number", "Send a number")
_BOOLEAN = _say("boolean", "is neither true nor false", "Send true or false")
_LIST = _say("list", "is no list", "Send a list")
_OBJECT = _say("object", "is no object", "Send values by name")
_TIME = _say("time", "is no time", "Write it like 2026-01-31T08:00:00Z")
_DATE = _say("date", "is no date", "Write it like 2026-01-31")
_OF_KIND: Final = {
    "missing": _say("missing", "is missing", "Give it"),
    "extra_forbidden": _say("unknown", "is not known here", "Leave it out, or correct its name"),
    "string_type": _TEXT,
    "string_unicode": _say("utf_8", "is no text", "Send a text in UTF-8"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _say("too_large", "is too large a number", "Send a smaller one"),
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _say("finite", "is no finite number", "Send a number"),
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _say("time_zone", "has no time zone", "Write it like 2026-01-31T08:00:00Z"),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    **{each.code: each for each in NAMES},
}
_KNOWN_VALUES = _say("choice", "is none of the values known here", "Send one of {choices}")
# As Python writes texts and other values: commas and "or" stand between them, and may stand in a text.
_EXPECTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<![^\s,])(?!or\b)[^\s,'"]+""")
_OF_CHOICE: Final = frozenset({"literal_error", "enum"})
# With the bound that was passed, by the name pydantic's context has it under.
_OF_BOUND: Final = {
    "string_too_short": (
        "min_length",
        _say("too_short", "is shorter than {bound} characters", "Write at least {bound}"),
    ),
    "string_too_long": ("max_length", _say("too_long", "is longer than {bound} characters", "Shorten it")),
    "too_short": ("min_length", _say("too_few", "has fewer than {bound} entries", "Give at least {bound}")),
    "too_long": ("max_length", _say("too_many", "has more than {bound} entries", "Leave some out")),
    "greater_than": ("gt", _say("above", "is not above {bound}", "Send a number above {bound}")),
    "greater_than_equal": ("ge", _say("at_least", "is below {bound}", "Send {bound} or more")),
    "less_than": ("lt", _say("below", "is not below {bound}", "Send a number below {bound}")),
    "less_than_equal": ("le", _say("at_most", "is above {bound}", "Send {bound} or less")),
}
_EMPTY: Final = {
    "string_too_short": _say("empty", "is empty", "Write something"),
    "too_short": _say("nothing_listed", "is empty", "Give at least one"),
}
_FORM: Final = "does not have the form wanted"
_PATTERN = _say("pattern", _FORM, "Match the pattern {pattern}")
_NAMED = _say("characters", _FORM, "Write {least} to {most} of {characters:or}")
_NAMED_EXACTLY = _say("exact_characters", _FORM, "Write {most} of {characters:or}")
_BEGUN = _say("first_character", _FORM, "Begin with {first:or}, then {least} to {most} of {characters:or}")
_BEGUN_EXACTLY = _say("exact_first_character", _FORM, "Begin with {first:or}, then {most} of {characters:or}")
_ANY = _say("without", _FORM, "Write it without {excluded:term}")
_SOME = _say("counted_without", _FORM, "Write {least} to {most} characters without {excluded:term}")
_ANY_LINE = _say("line_without", _FORM, "Write it on one line, without {excluded:term}")
_SOME_LINE = _say(
    "counted_line_without", _FORM, "Write {least} to {most} characters on one line, without {excluded:term}"
)
# A class of first characters, perhaps, and one of all others with how many there may be: how names are written.
_NAME = re.compile(r"\^(?:\[(?P<first>[^\]^\\]+)\])?\[(?P<rest>[^\]^\\]+)\](?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})\$")
# All characters but NUL, or but control characters, and perhaps some more; with how many there may be.
_WITHOUT = re.compile(
    r"\^\[\^(?P<first>\\x00-\\x1f\\x7f|\\x00(?!-))(?P<more>(?:[^\]\\-]|\\s)*)\]"
    r"(?:[*+]|\{(?P<least>\d+),(?P<most>\d+)\})\$"
)
_NUL = r"\x00"
_CALLED = {"/": "slash", ",": "comma", ";": "semicolon", r"\s": "blank"}


def shape_problem(field: str, kind: str, message: str, context: Mapping[str, Any] | None = None) -> FieldProblem:
    """One error of pydantic's, as a person who filled a form in can act on it.

    Args:
        field: where, as the answer names it.
        kind: pydantic's `type`, such as `string_pattern_mismatch`.
        message: pydantic's `msg`, said of kinds without words of our own.
        context: pydantic's `ctx`: the bound or the pattern that was not kept.
    """
    context = context or {}
    if kind == "string_pattern_mismatch":
        return _pattern_problem(field, str(context.get("pattern", "")))
    if kind in _OF_CHOICE:
        return _KNOWN_VALUES.at(field, choices=tuple(_EXPECTED.findall(str(context.get("expected", "")))))
    if kind in _OF_BOUND:
        name, wording = _OF_BOUND[kind]
        bound = context.get(name, "")
        if bound == 1 and kind in _EMPTY:
            return _EMPTY[kind].at(field)
        return wording.at(field, bound=str(bound))
    known = _OF_KIND.get(kind)
    if known is None:
        return FieldProblem(field, message.removeprefix("Value error, "))
    return known.at(field, **{name: context[name] for name in known.names})


def _pattern_problem(field: str, pattern: str) -> FieldProblem:
    name = _NAME.fullmatch(pattern)
    if name is not None:
        return _name_problem(field, name)
    without = _WITHOUT.fullmatch(pattern)
    return _PATTERN.at(field, pattern=pattern) if without is None else _without_problem(field, without)


def _without_problem(field: str, without: re.Match[str]) -> FieldProblem:
    more = [_CALLED.get(each, each) for each in re.findall(r"\\s|.", without["more"])]
    anywhere = without["first"] == _NUL
    excluded = ("nul" if anywhere else "control", *more)
    if without["least"] is None:
        return (_ANY if anywhere else _ANY_LINE).at(field, excluded=excluded)
    least, most = int(without["least"]), int(without["most"])
    return (_SOME if anywhere else _SOME_LINE).at(field, least=least, most=most, excluded=excluded)


def _name_problem(field: str, name: re.Match[str]) -> FieldProblem:
    least, most = int(name["least"]), int(name["most"] or name["least"])
    characters = _characters(name["rest"])
    if name["first"] is None:
        wording = _NAMED_EXACTLY if least == most else _NAMED
        return wording.at(field, least=least, most=most, characters=characters)
    wording = _BEGUN_EXACTLY if least == most else _BEGUN
    return wording.at(field, first=_characters(name["first"]), least=least, most=most, characters=characters)


def _characters(characters: str) -> tuple[str, ...]:
    """`a-z0-9_-` as `a-z`, `0-9`, `_` and `-`."""
    return tuple(re.findall(r"[^-]-[^-]|.", characters))
