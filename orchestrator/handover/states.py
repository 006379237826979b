"""What becomes of a request. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final


class RequestState(StrEnum):
    SUBMITTED = "submitted"
    CLAIMED = "claimed"
    STARTED = "started"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN: Final = frozenset({RequestState.SUBMITTED, RequestState.CLAIMED})
KEPT_OPEN: Final = timedelta(days=7)
"""How long a request waits for an operator."""
MOST_OPEN: Final = 100
"""Requests of one person that wait: each tells operators."""
CLAIMED_FOR: Final = timedelta(hours=8)
"""How long a claim holds: a request must not lie with somebody who went home."""


@dataclass(frozen=True, slots=True)
class InputChange:
    """An input that is not as it was asked for; none where there was or is no such."""

    name: str
    before: Any
    after: Any


def changes(asked: Mapping[str, Any], now: Mapping[str, Any]) -> list[InputChange]:
    """In the order of their names."""
    return [
        InputChange(name, asked.get(name), now.get(name))
        for name in sorted(asked.keys() | now.keys())
        if name not in asked or name not in now or asked[name] != now[name]
    ]
