"""JSON that came from outside, read strictly: what passes can be stored, logged and sent on everywhere."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from kernel.errors import BadRequest, FieldProblem, Invalid

MAX_DEPTH = 64
"""Levels of lists and objects; `kernel.expressions` stops at the same depth."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:]')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAX_PLACE = 120
_TOO_DEEP = (f"is nested deeper than {MAX_DEPTH} levels", "flatten it")
_BAD_TEXT = ("holds a NUL or half of a surrogate pair", "remove the character")
_BAD_NAME = ("has a name with a NUL or half of a surrogate pair", "remove the character")


def read_json(raw: bytes) -> Any:
    """The value `raw` stands for.

    Raises:
        BadRequest: not JSON at all, or not UTF-8.
        Invalid: JSON, but nested too deep or with something no database and no peer takes (NUL, half of a
            surrogate pair, NaN, infinity, a number of thousands of digits); the place is named.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(f"is not UTF-8 at byte {error.start}") from None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise Invalid.field(_deep_member(text), *_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise _unreadable(f"is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except ValueError:
        raise _unreadable("holds a number of too many digits") from None
    problem = next(unstorable(value), None)
    if problem is not None:
        raise Invalid(f"{problem.field}: {problem.problem}", fields=[problem])
    return value


_Trail = tuple["_Trail", str | int] | None
"""The way to a value, written out only for a problem."""


def unstorable(value: Any) -> Iterator[FieldProblem]:
    """Every place of a parsed value that can't be kept or sent on."""
    pending: list[tuple[Any, _Trail, int]] = [(value, None, 0)]
    while pending:
        current, trail, depth = pending.pop()
        problem = _problem(current, depth)
        if problem is not None:
            yield FieldProblem(_place(trail), *problem)
        elif isinstance(current, list):
            pending.extend((item, (trail, index), depth + 1) for index, item in enumerate(current))
        elif isinstance(current, dict):
            pending.extend((item, (trail, key), depth + 1) for key, item in current.items())


def _problem(value: Any, depth: int) -> tuple[str, str] | None:
    if isinstance(value, str):
        return _BAD_TEXT if _UNSTORABLE.search(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else ("is no finite number", "send a number or a text")
    if not isinstance(value, (dict, list)):
        return None
    if depth >= MAX_DEPTH:
        return _TOO_DEEP
    return _BAD_NAME if isinstance(value, dict) and any(map(_UNSTORABLE.search, value)) else None


def _place(trail: _Trail) -> str:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    written = ""
    for step in reversed(steps):
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else step
    if len(written) > _MAX_PLACE:
        return f"{written[:_MAX_PLACE]}…"
    return written or "body"


def _refuse_constant(name: str) -> NoReturn:
    raise _unreadable(f"holds {name}, which is no JSON")


def _unreadable(problem: str) -> BadRequest:
    return BadRequest(f"The body {problem}", fields=[FieldProblem("body", problem)])


def _deep_member(text: str) -> str:
    """The member of the outermost object that is nested too deep."""
    depth = 0
    name = last = ""
    for match in _STRUCTURE.finditer(text):
        mark = match.group()
        if mark[0] == '"':
            last = mark[1:-1]
        elif mark == ":":
            name = last if depth == 1 else name
        else:
            depth += 1 if mark in "[{" else -1
            if depth > MAX_DEPTH:
                break
    return name or "body"
