"""The life of a grant. Pure.

::

    applied ──approve──▶ approved ──revoke──▶ revoked
       │                     └──────expire──▶ expired
       └──refuse──▶ refused
"""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.errors import Conflict


class GrantState(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


class GrantStep(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    REVOKE = "revoke"
    EXPIRE = "expire"


_NEXT: Final = MappingProxyType(
    {
        (GrantState.APPLIED, GrantStep.APPROVE): GrantState.APPROVED,
        (GrantState.APPLIED, GrantStep.REFUSE): GrantState.REFUSED,
        (GrantState.APPROVED, GrantStep.REVOKE): GrantState.REVOKED,
        (GrantState.APPROVED, GrantStep.EXPIRE): GrantState.EXPIRED,
    }
)

OPEN: Final = frozenset({GrantState.APPLIED, GrantState.APPROVED})
"""States in which a second application for the same would be idle."""


def after(state: GrantState, step: GrantStep) -> GrantState:
    """The state a step leads to; raises Conflict when the step isn't possible."""
    following = _NEXT.get((state, step))
    if following is None:
        possible = [known.value for (from_state, known) in _NEXT if from_state is state]
        hint = f"possible: {', '.join(possible)}" if possible else "apply for a new one"
        raise Conflict(f"A grant that is {state} can't be changed by {step}; {hint}", code="grant_state")
    return following


def state_at(state: GrantState, expires_at: datetime | None, now: datetime) -> GrantState:
    """The state at a moment: an approved grant past its expiry is expired, whether or not it was written down yet."""
    if state is GrantState.APPROVED and expires_at is not None and expires_at <= now:
        return GrantState.EXPIRED
    return state
