"""What is different between two definitions: nodes and edges added, removed and changed, each with its fields. Pure."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_PARTS = frozenset({"nodes", "edges", "layout"})

Part = tuple[str, int]
"""A node or edge: its id, and which one of that id it is; a draft may have an id twice."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Attributes:
    field: JSON Pointer (RFC 6901) inside the node, the edge or the definition.
    before, after: none where there is nothing, and where there is `null`: the change tells which.
    """

    field: str
    change: Change
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class PartChange:
    """A node or an edge; only of a changed one the fields are told."""

    id: str
    change: Change
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Attributes:
    fields: of the definition itself: its form, its outputs.
    moved: nodes of both that only stand elsewhere on the canvas, or changed and stand elsewhere.
    """

    nodes: tuple[PartChange, ...]
    edges: tuple[PartChange, ...]
    fields: tuple[FieldChange, ...]
    moved: tuple[str, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What makes `after` of `before`; the order of nodes and edges means nothing."""
    return Difference(
        tuple(_parts(before["nodes"], after["nodes"])),
        tuple(_parts(before["edges"], after["edges"])),
        tuple(_fields(_rest(before), _rest(after))),
        tuple(_moved(before, after)),
    )


def overlay(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """One picture of both: `after`, with what was removed still in it."""
    nodes, edges = ([*after[part], *_only_in(before[part], after[part])] for part in ("nodes", "edges"))
    layout = {**(before.get("layout") or {}), **(after.get("layout") or {})}
    return {**after, "nodes": nodes, "edges": edges, "layout": layout}


def _parts(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[PartChange]:
    old, new = _named(before), _named(after)
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield PartChange(name[0], Change.ADDED)
        elif name not in new:
            yield PartChange(name[0], Change.REMOVED)
        elif fields := tuple(_fields(old[name], new[name])):
            yield PartChange(name[0], Change.CHANGED, fields)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], at: str = "") -> Iterator[FieldChange]:
    """Objects are looked into; a list is one value."""
    for name in sorted(before.keys() | after.keys()):
        place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in before:
            yield FieldChange(place, Change.ADDED, after=after[name])
        elif name not in after:
            yield FieldChange(place, Change.REMOVED, before[name])
        elif isinstance(before[name], Mapping) and isinstance(after[name], Mapping):
            yield from _fields(before[name], after[name], place)
        elif _text(before[name]) != _text(after[name]):
            yield FieldChange(place, Change.CHANGED, before[name], after[name])


def _text(value: Any) -> str:
    """Equal for equal values only: to Python, 1 and true are the same."""
    return json.dumps(value, sort_keys=True)


def _named(parts: Sequence[Mapping[str, Any]]) -> dict[Part, Mapping[str, Any]]:
    seen: Counter[str] = Counter()
    found: dict[Part, Mapping[str, Any]] = {}
    for part in parts:
        found[part["id"], seen[part["id"]]] = part
        seen[part["id"]] += 1
    return found


def _only_in(parts: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    known = {part["id"] for part in others}
    return [part for part in parts if part["id"] not in known]


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("layout") or {}, after.get("layout") or {}
    kept = {node["id"] for node in before["nodes"]} & {node["id"] for node in after["nodes"]}
    return (name for name in sorted(kept) if _text(old.get(name)) != _text(new.get(name)))


def _rest(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name not in _PARTS}
