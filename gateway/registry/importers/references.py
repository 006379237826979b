"""Local references (`#/…`) of an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.forms.pointers import pointer, resolve_pointer

Step = str | int
Place = tuple[Step, ...]

_MAX_HOPS = 20


class Problems:
    """The problems found so far, each at the JSON pointer of its place; at most 100 are kept."""

    def __init__(self) -> None:
        self.found: list[FieldProblem] = []

    def add(self, place: Place, problem: str, remedy: str = "") -> None:
        if len(self.found) < 100:  # noqa: PLR2004  said in the docstring
            self.found.append(FieldProblem(pointer(place) or "/", problem, remedy))


def steps_of(reference: str) -> Place:
    """The steps of a local reference: `#/components/schemas/A` → components, schemas, A."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in reference.removeprefix("#").split("/")[1:])


def find(document: Mapping[str, Any], reference: object, place: Place, problems: Problems) -> Any:
    """What a reference leads to; `None`, with a problem at `place`, when it leads nowhere in this document."""
    if not isinstance(reference, str):
        problems.add(place, "is no text", "Write a local reference like #/components/schemas/Host")
        return None
    if not reference.startswith("#"):
        problems.add(
            place,
            f"leads out of the document: {reference[:120]}",
            "Bundle the document first, so that every $ref begins with #/",
        )
        return None
    try:
        return resolve_pointer(document, reference.removeprefix("#"))
    except (LookupError, ValueError):
        problems.add(place, f"leads to nothing: {reference[:120]}", "Correct it, or add what it names")
        return None


def follow(document: Mapping[str, Any], value: Any, place: Place, problems: Problems) -> tuple[Any, Place]:
    """`value`, or what it refers to through any chain of references; with where that stands."""
    for _ in range(_MAX_HOPS):
        if not isinstance(value, dict) or "$ref" not in value:
            return value, place
        target = find(document, value["$ref"], (*place, "$ref"), problems)
        if target is None:
            return None, place
        value, place = target, steps_of(value["$ref"])
    problems.add(place, "is a reference that leads back to itself", "Refer to the thing itself")
    return None, place
