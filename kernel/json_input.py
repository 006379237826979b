"""JSON that came from outside, read strictly: what passes can be stored, logged and sent on everywhere."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NoReturn

from kernel.errors import BadRequest, FieldProblem, Invalid
from kernel.wording import Wordings

MAX_DEPTH = 64
"""Levels of lists and objects; `kernel.expressions` stops at the same depth."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:]')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAX_PLACE = 120

JSON: Final = Wordings("json")
_NOT_JSON = JSON.add("syntax", "is not valid JSON: {why} at line {line} column {column}")
_NOT_UTF_8 = JSON.add("utf_8", "is not UTF-8 at byte {byte}")
_LONG_NUMBER = JSON.add("digits", "holds a number of too many digits")
_NO_CONSTANT = JSON.add("constant", "holds {constant}, which is no JSON")
_TOO_DEEP = JSON.add("depth", "is nested deeper than {limit} levels", "flatten it").at("", limit=MAX_DEPTH)
_BAD_TEXT = JSON.add("character", "holds a NUL or half of a surrogate pair", "remove the character").at("")
_BAD_NAME = JSON.add("name", "has a name with a NUL or half of a surrogate pair", "remove the character").at("")
_INFINITE = JSON.add("finite", "is no finite number", "send a number or a text").at("")


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
        raise _unreadable(_NOT_UTF_8.at("body", byte=error.start)) from None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise Invalid.of(replace(_TOO_DEEP, field=_deep_member(text))) from None
    except json.JSONDecodeError as error:
        wrong = _NOT_JSON.at("body", why=error.msg, line=error.lineno, column=error.colno)
        raise _unreadable(wrong) from None
    except ValueError:
        raise _unreadable(_LONG_NUMBER.at("body")) from None
    problem = next(unstorable(value), None)
    if problem is not None:
        raise Invalid.of(problem)
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
            yield replace(problem, field=_place(trail))
        elif isinstance(current, list):
            pending.extend((item, (trail, index), depth + 1) for index, item in enumerate(current))
        elif isinstance(current, dict):
            pending.extend((item, (trail, key), depth + 1) for key, item in current.items())


def _problem(value: Any, depth: int) -> FieldProblem | None:
    if isinstance(value, str):
        return _BAD_TEXT if _UNSTORABLE.search(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else _INFINITE
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
    raise _unreadable(_NO_CONSTANT.at("body", constant=name))


def _unreadable(problem: FieldProblem) -> BadRequest:
    return BadRequest(f"The body {problem.problem}", fields=[problem])


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
