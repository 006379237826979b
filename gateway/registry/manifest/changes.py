"""What an apply changes, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.manifest.state import Document
from gateway.registry.releases.diff import diff

Action = Literal["create", "change", "remove"]


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """Attributes:
    details: what of it, a line each.
    """

    action: Action
    what: str
    name: str
    details: Sequence[str] = field(default_factory=tuple)


def component_changes(old: Sequence[ComponentDefinition], new: Sequence[ComponentDefinition]) -> list[PlannedChange]:
    """Of the draft."""
    found = diff(old, new)
    changes = [PlannedChange("create", "component", name) for name in found.added]
    changes += [
        PlannedChange("change", "component", each.name, [_line(reason.field, reason.text) for reason in each.reasons])
        for each in found.changed
    ]
    changes += [PlannedChange("remove", "component", name) for name in found.removed]
    if found.reordered:
        changes.append(PlannedChange("change", "components", "", ["stand in another order"]))
    return changes


def member_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for each member that changes."""
    return [
        _line(name, f"{_shown(before.get(name))} becomes {_shown(value)}")
        for name, value in after.items()
        if before.get(name) != value
    ]


def named_changes(what: str, before: Mapping[str, Document], after: Mapping[str, Document]) -> list[str]:
    """A line for each of several named things."""
    lines = [f"{what} {name} is new" for name in after if name not in before]
    lines += [f"{what} {name} changes" for name in after if name in before and before[name] != after[name]]
    return lines + [f"{what} {name} is removed" for name in before if name not in after]


def policy_changes(before: Sequence[Document], after: Sequence[Document]) -> list[str]:
    def by_kind(policies: Sequence[Document]) -> dict[str, Document]:
        return {policy["kind"]: policy for policy in policies}

    lines = named_changes("policy", by_kind(before), by_kind(after))
    return lines or (["policies stand in another order"] if list(before) != list(after) else [])


def _line(name: str, text: str) -> str:
    return f"{name}: {text}" if name else text


def _shown(value: Any) -> str:
    text = "nothing" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - read by people
