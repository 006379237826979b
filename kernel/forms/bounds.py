"""How large and deep a document may be before anything walks through it recursively."""

import math
from dataclasses import dataclass
from typing import Any

from kernel.errors import FieldProblem


@dataclass(frozen=True, slots=True)
class Bounds:
    """Levels of nesting, values in all, and characters of texts and names in all."""

    depth: int
    values: int
    characters: int


SCHEMA_BOUNDS = Bounds(depth=40, values=20_000, characters=512 * 1024)
_STORABLE = "Leave out NUL and lone surrogates"
_JSON = "Use what JSON has a form for"
DATA_BOUNDS = Bounds(depth=64, values=200_000, characters=8 * 1024 * 1024)


def bound_problem(document: Any, bounds: Bounds, at: str) -> FieldProblem | None:
    """The first bound a document is past, found without recursion; also what JSON or a database has no form for."""
    values = characters = 0
    pending = [(document, 0)]
    while pending:
        item, depth = pending.pop()
        values += 1
        unfit = _unfit(item)
        if unfit is not None:
            return FieldProblem(at, *unfit)
        if isinstance(item, str):
            characters += len(item)
        elif isinstance(item, dict):
            characters += sum(map(len, item))
            pending.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            pending.extend((inner, depth + 1) for inner in item)
        past = _past(depth, values + len(pending), characters, bounds)
        if past is not None:
            return FieldProblem(at, past, "Make it smaller")
    return None


def _past(depth: int, values: int, characters: int, bounds: Bounds) -> str | None:
    if depth > bounds.depth:
        return f"is nested deeper than {bounds.depth} levels"
    if values > bounds.values:
        return f"holds more than {bounds.values} values"
    return f"holds more than {bounds.characters} characters" if characters > bounds.characters else None


def _unfit(item: Any) -> tuple[str, str] | None:
    if isinstance(item, str):
        return None if is_storable(item) else ("holds a character that can't be stored", _STORABLE)
    if isinstance(item, dict):
        if not all(isinstance(name, str) for name in item):
            return "has a name that is no text", "Quote every name"
        return None if all(map(is_storable, item)) else ("has a name that can't be stored", _STORABLE)
    if isinstance(item, float) and not math.isfinite(item):
        return "holds a number that isn't finite", _JSON
    if item is None or isinstance(item, (list, int, float)):
        return None
    return f"holds a value of type {type(item).__name__}", _JSON


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
