"""How large and deep a document may be before anything walks through it recursively."""

import math
from dataclasses import dataclass
from typing import Any, Final

from kernel.errors import FieldProblem, Param
from kernel.wording import Wording, Wordings


@dataclass(frozen=True, slots=True)
class Bounds:
    """Levels of nesting, values in all, and characters of texts and names in all."""

    depth: int
    values: int
    characters: int


SCHEMA_BOUNDS = Bounds(depth=40, values=20_000, characters=512 * 1024)
DATA_BOUNDS = Bounds(depth=64, values=200_000, characters=8 * 1024 * 1024)

BOUNDS: Final = Wordings("bounds")
_SMALLER: Final = "Make it smaller"
_STORABLE: Final = "Leave out NUL and lone surrogates"
_JSON: Final = "Use what JSON has a form for"
_DEEP = BOUNDS.add("depth", "is nested deeper than {limit} levels", _SMALLER)
_MANY = BOUNDS.add("values", "holds more than {limit} values", _SMALLER)
_LONG = BOUNDS.add("characters", "holds more than {limit} characters", _SMALLER)
_UNSTORABLE = BOUNDS.add("character", "holds a character that can't be stored", _STORABLE)
_UNSTORABLE_NAME = BOUNDS.add("name", "has a name that can't be stored", _STORABLE)
_UNQUOTED_NAME = BOUNDS.add("name_type", "has a name that is no text", "Quote every name")
_INFINITE = BOUNDS.add("finite", "holds a number that isn't finite", _JSON)
_NO_JSON = BOUNDS.add("type", "holds a value of type {type}", _JSON)


def bound_problem(document: Any, bounds: Bounds, at: str) -> FieldProblem | None:
    """The first bound a document is past, found without recursion; also what JSON or a database has no form for."""
    values = characters = 0
    pending = [(document, 0)]
    while pending:
        item, depth = pending.pop()
        values += 1
        unfit = _unfit(item)
        if unfit is not None:
            wording, params = unfit
            return wording.at(at, **params)
        if isinstance(item, str):
            characters += len(item)
        elif isinstance(item, dict):
            characters += sum(map(len, item))
            pending.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            pending.extend((inner, depth + 1) for inner in item)
        past = _past(depth, values + len(pending), characters, bounds)
        if past is not None:
            wording, limit = past
            return wording.at(at, limit=limit)
    return None


def _past(depth: int, values: int, characters: int, bounds: Bounds) -> tuple[Wording, int] | None:
    if depth > bounds.depth:
        return _DEEP, bounds.depth
    if values > bounds.values:
        return _MANY, bounds.values
    return (_LONG, bounds.characters) if characters > bounds.characters else None


def _unfit(item: Any) -> tuple[Wording, dict[str, Param]] | None:
    if isinstance(item, str):
        return None if is_storable(item) else (_UNSTORABLE, {})
    if isinstance(item, dict):
        if not all(isinstance(name, str) for name in item):
            return _UNQUOTED_NAME, {}
        return None if all(map(is_storable, item)) else (_UNSTORABLE_NAME, {})
    if isinstance(item, float) and not math.isfinite(item):
        return _INFINITE, {}
    if item is None or isinstance(item, (list, int, float)):
        return None
    return _NO_JSON, {"type": type(item).__name__}


def is_storable(text: str) -> bool:
    """Whether every database takes the text: no NUL, and only characters UTF-8 has a form for."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
