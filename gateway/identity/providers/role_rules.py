"""Which roles an identity provider's claims give. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MappedRole:
    """Attributes:
    project: its code; `None` for a role on the platform.
    """

    role: str
    project: str | None


def mapped_roles(rules: Iterable[Mapping[str, str | None]], claims: Mapping[str, Any]) -> frozenset[MappedRole]:
    """The roles of all rules whose claim is the wanted value, or a list that has it."""
    return frozenset(
        MappedRole(str(rule["role"]), rule.get("project"))
        for rule in rules
        if _has(claims.get(str(rule["claim"])), str(rule["value"]))
    )


def _has(claim: Any, value: str) -> bool:
    if isinstance(claim, list):
        return any(_is(each, value) for each in claim)
    return _is(claim, value)


def _is(claim: Any, value: str) -> bool:
    """Texts as they are; true and false as JSON writes them. Numbers are never compared: 1 and 1.0 are one of them."""
    if isinstance(claim, bool):
        return value == ("true" if claim else "false")
    return isinstance(claim, str) and claim == value
