"""The life of a grant, and of the application it was asked for with. Pure.

::

              ┌────────ask────────┐
              ▼                   │
    asked ──answer──▶ applied ──approve──▶ approved ──revoke────▶ revoked
                         │                     ├──────expire────▶ expired
                         ├──refuse──▶ refused  └──────supersede─▶ renewed
                         └──withdraw▶ withdrawn

What was asked back may be decided or withdrawn without an answer too. A renewal is an application of its own; once it
is approved, it supersedes what it renews.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.errors import Conflict, Invalid


class GrantState(StrEnum):
    APPLIED = "applied"
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"
    RENEWED = "renewed"


class GrantStep(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


class ApplicationState(StrEnum):
    """Of several grants asked for together: what the applicant and the owner see."""

    APPLIED = "applied"
    ASKED = "asked"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_NEXT: Final = MappingProxyType(
    {
        (GrantState.APPLIED, GrantStep.APPROVE): GrantState.APPROVED,
        (GrantState.APPLIED, GrantStep.REFUSE): GrantState.REFUSED,
        (GrantState.APPLIED, GrantStep.ASK): GrantState.ASKED,
        (GrantState.APPLIED, GrantStep.WITHDRAW): GrantState.WITHDRAWN,
        (GrantState.ASKED, GrantStep.APPROVE): GrantState.APPROVED,
        (GrantState.ASKED, GrantStep.REFUSE): GrantState.REFUSED,
        (GrantState.ASKED, GrantStep.ANSWER): GrantState.APPLIED,
        (GrantState.ASKED, GrantStep.WITHDRAW): GrantState.WITHDRAWN,
        (GrantState.APPROVED, GrantStep.REVOKE): GrantState.REVOKED,
        (GrantState.APPROVED, GrantStep.EXPIRE): GrantState.EXPIRED,
        (GrantState.APPROVED, GrantStep.SUPERSEDE): GrantState.RENEWED,
    }
)

WAITING: Final = frozenset({GrantState.APPLIED, GrantState.ASKED})
"""Nobody decided yet."""

OPEN: Final = WAITING | {GrantState.APPROVED}
"""States in which a second application for the same would be idle."""

RENEWABLE: Final = frozenset({GrantState.APPROVED, GrantState.EXPIRED})


def after(state: GrantState, step: GrantStep) -> GrantState:
    """The state a step leads to; raises Conflict when the step isn't possible."""
    following = _NEXT.get((state, step))
    if following is None:
        possible = [known.value for (from_state, known) in _NEXT if from_state is state]
        hint = f"possible: {', '.join(possible)}" if possible else "apply for a new one"
        raise Conflict(f"A grant that is {state} can't be changed by {step}; {hint}", code="grant_state")
    return following


def require_reason(comment: str) -> None:
    """Who refuses, takes away or asks back says why. Raises Invalid."""
    if not comment.strip():
        raise Invalid.field("comment", "is missing", "Say why, or what you want to know")


def state_at(state: GrantState, expires_at: datetime | None, now: datetime) -> GrantState:
    """The state at a moment: an approved grant past its expiry is expired, whether or not it was written down yet."""
    if state is GrantState.APPROVED and expires_at is not None and expires_at <= now:
        return GrantState.EXPIRED
    return state


def application_state(states: Iterable[GrantState]) -> ApplicationState:
    """What became of an application, from the states of its grants; one that waits keeps the whole waiting."""
    found = frozenset(states)
    for waiting in (GrantState.ASKED, GrantState.APPLIED):
        if waiting in found:
            return ApplicationState(waiting.value)
    if found <= {GrantState.WITHDRAWN}:
        return ApplicationState.WITHDRAWN
    declined = found & {GrantState.REFUSED, GrantState.WITHDRAWN}
    if found <= declined:
        return ApplicationState.REFUSED
    return ApplicationState.PARTLY_APPROVED if declined else ApplicationState.APPROVED
