"""How large and deep a document may be before anything walks through it recursively."""

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
DATA_BOUNDS = Bounds(depth=64, values=200_000, characters=8 * 1024 * 1024)


def bound_problem(document: Any, bounds: Bounds, at: str) -> FieldProblem | None:
    """The first bound a document is past, found without recursion; also what JSON has no form for."""
    values = characters = 0
    pending = [(document, 0)]
    while pending:
        item, depth = pending.pop()
        values += 1
        if depth > bounds.depth:
            return FieldProblem(at, f"is nested deeper than {bounds.depth} levels", "Flatten it")
        if isinstance(item, str):
            characters += len(item)
        elif isinstance(item, dict):
            if not all(isinstance(name, str) for name in item):
                return FieldProblem(at, "has a name that is no text", "Quote every name")
            characters += sum(map(len, item))
            pending.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            pending.extend((inner, depth + 1) for inner in item)
        elif item is not None and not isinstance(item, (int, float)):
            return FieldProblem(at, f"holds a value of type {type(item).__name__}", "Use what JSON has a form for")
        if values + len(pending) > bounds.values:
            return FieldProblem(at, f"holds more than {bounds.values} values", "Make it smaller")
        if characters > bounds.characters:
            return FieldProblem(at, f"holds more than {bounds.characters} characters", "Make it smaller")
    return None
