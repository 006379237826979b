"""How one attempt to hand a message over ended."""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    SENT = "sent"
    FAILED = "failed"
    """For good: another attempt would end the same."""
    LATER = "later"
    """Not taken now; another attempt may do better."""
    UNKNOWN = "unknown"
    """The other side broke off after it was given the message: it may have taken it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Attributes:
    detail: what the other side said, or what went wrong; safe to show.
    """

    ending: Ending
    detail: str = ""
