"""Which optional nodes a task does without when schemes are chosen for it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Selection:
    """What a scheme says of optional nodes; of those it does not name, nothing."""

    keep: frozenset[str]
    leave_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A scheme beside a later revision.

    Attributes:
        gone: nodes it names that are no optional nodes any more.
        unseen: optional nodes it does not name.
    """

    gone: tuple[str, ...]
    unseen: tuple[str, ...]


def optional_nodes(definition: Mapping[str, Any]) -> list[str]:
    """In the order they stand in."""
    return [node["id"] for node in definition["nodes"] if node.get("optional")]


def selection_of(kept: Collection[str], optional: Iterable[str]) -> Selection:
    """Runs `kept` and no other of the optional nodes there are."""
    every = frozenset(optional)
    return Selection(every & frozenset(kept), every - frozenset(kept))


def left_out(selections: Sequence[Selection], optional: Sequence[str]) -> list[str]:
    """What a task does without: nodes that every scheme leaves out. One that a scheme keeps, or does not know, runs."""
    if not selections:
        return []
    return [name for name in optional if all(name in selection.leave_out for selection in selections)]


def standing(selection: Selection, optional: Sequence[str]) -> Standing:
    named = selection.keep | selection.leave_out
    return Standing(tuple(sorted(named - set(optional))), tuple(name for name in optional if name not in named))
