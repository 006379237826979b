"""Says in plain words why a value has not the shape asked for: what is wrong, and what to send instead."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kernel.errors import FieldProblem

_OF_KIND = {
    "missing": ("is missing", "Give it"),
    "extra_forbidden": ("is not known here", "Leave it out, or correct its name"),
    "string_type": ("is no text", "Send a text"),
    "string_unicode": ("is no text", "Send a text in UTF-8"),
    "int_type": ("is no whole number", "Send a whole number"),
    "int_parsing": ("is no whole number", "Send a whole number"),
    "int_parsing_size": ("is too large a number", "Send a smaller one"),
    "int_from_float": ("is no whole number", "Send a whole number"),
    "float_type": ("is no number", "Send a number"),
    "float_parsing": ("is no number", "Send a number"),
    "finite_number": ("is no finite number", "Send a number"),
    "bool_type": ("is neither true nor false", "Send true or false"),
    "bool_parsing": ("is neither true nor false", "Send true or false"),
    "list_type": ("is no list", "Send a list"),
    "tuple_type": ("is no list", "Send a list"),
    "set_type": ("is no list", "Send a list"),
    "dict_type": ("is no object", "Send values by name"),
    "model_type": ("is no object", "Send values by name"),
    "model_attributes_type": ("is no object", "Send values by name"),
    "datetime_type": ("is no time", "Write it like 2026-01-31T08:00:00Z"),
    "datetime_parsing": ("is no time", "Write it like 2026-01-31T08:00:00Z"),
    "datetime_from_date_parsing": ("is no time", "Write it like 2026-01-31T08:00:00Z"),
    "timezone_aware": ("has no time zone", "Write it like 2026-01-31T08:00:00Z"),
    "date_type": ("is no date", "Write it like 2026-01-31"),
    "date_parsing": ("is no date", "Write it like 2026-01-31"),
    "date_from_datetime_parsing": ("is no date", "Write it like 2026-01-31"),
}
# With the bound that was passed, by the name pydantic's context has it under.
_OF_BOUND = {
    "string_too_short": ("min_length", "is shorter than {} characters", "Write at least {}"),
    "string_too_long": ("max_length", "is longer than {} characters", "Shorten it"),
    "too_short": ("min_length", "has fewer than {} entries", "Give at least {}"),
    "too_long": ("max_length", "has more than {} entries", "Leave some out"),
    "greater_than": ("gt", "is not above {}", "Send a number above {}"),
    "greater_than_equal": ("ge", "is below {}", "Send {} or more"),
    "less_than": ("lt", "is not below {}", "Send a number below {}"),
    "less_than_equal": ("le", "is above {}", "Send {} or less"),
    "literal_error": ("expected", "is none of the values known here", "Send {}"),
    "enum": ("expected", "is none of the values known here", "Send {}"),
}
_EMPTY = {"string_too_short": ("is empty", "Write something"), "too_short": ("is empty", "Give at least one")}
# A class of first characters, perhaps, and one of all others with how many there may be: how names are written.
_NAME = re.compile(r"\^(?:\[(?P<first>[^\]^\\]+)\])?\[(?P<rest>[^\]^\\]+)\](?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})\$")
# All characters but NUL, or but control characters, and perhaps some more; with how many there may be.
_WITHOUT = re.compile(
    r"\^\[\^(?P<first>\\x00-\\x1f\\x7f|\\x00(?!-))(?P<more>(?:[^\]\\-]|\\s)*)\]"
    r"(?:[*+]|\{(?P<least>\d+),(?P<most>\d+)\})\$"
)
_NUL = r"\x00"
_CALLED = {"/": "slashes", ",": "commas", ";": "semicolons", r"\s": "blanks"}


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
        return FieldProblem(field, "does not have the form wanted", _pattern_remedy(str(context.get("pattern", ""))))
    if kind in _OF_BOUND:
        name, problem, remedy = _OF_BOUND[kind]
        bound = context.get(name, "")
        if bound == 1 and kind in _EMPTY:
            problem, remedy = _EMPTY[kind]
        return FieldProblem(field, problem.format(bound), remedy.format(bound))
    problem, remedy = _OF_KIND.get(kind, (message.removeprefix("Value error, "), ""))
    return FieldProblem(field, problem, remedy)


def _pattern_remedy(pattern: str) -> str:
    name = _NAME.fullmatch(pattern)
    if name is not None:
        return _name_remedy(name)
    without = _WITHOUT.fullmatch(pattern)
    return f"Match the pattern {pattern}" if without is None else _without_remedy(without)


def _without_remedy(without: re.Match[str]) -> str:
    what = "it" if without["least"] is None else f"{without['least']} to {without['most']} characters"
    more = [_CALLED.get(each, each) for each in re.findall(r"\\s|.", without["more"])]
    if without["first"] == _NUL:
        return f"Write {what} without {_either(['the character NUL', *more])}"
    return f"Write {what} on one line, without {_either(['control characters', *more])}"


def _name_remedy(name: re.Match[str]) -> str:
    least, most = int(name["least"]), int(name["most"] or name["least"])
    many = str(most) if least == most else f"{least} to {most}"
    rest = f"{many} of {_characters(name['rest'])}"
    return f"Write {rest}" if name["first"] is None else f"Begin with {_characters(name['first'])}, then {rest}"


def _characters(characters: str) -> str:
    """`a-z0-9_-` as `a-z, 0-9, _ or -`."""
    return _either(re.findall(r"[^-]-[^-]|.", characters))


def _either(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
