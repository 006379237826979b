from typing import Annotated, Literal

from pydantic import Field

from gateway.access.grant_rules.schemas import TermDays
from gateway.fields import AppCode, ComponentName, Identifier, Input, Moment, SystemName, Text, Time, View
from gateway.snapshot.schemas import LiveView

Days = TermDays | None


class GrantApplication(Input):
    """Attributes:
    components: null asks for the whole system.
    days: one of the terms in the system's grant rules; null asks for a grant without end.
    """

    app_code: AppCode
    system: SystemName
    components: Annotated[list[ComponentName], Field(min_length=1, max_length=500)] | None = None
    reason: Text = ""
    days: Days = 180


class RenewalInput(Input):
    """Attributes:
    grant_ids: of one app, on one system; each holds now or has expired.
    """

    grant_ids: Annotated[list[Identifier], Field(min_length=1, max_length=500)]
    reason: Text = ""
    days: Days = 180


class Decision(Input):
    comment: Text = ""


class Reasoned(Input):
    """A decision that says why."""

    comment: Text


class Lasting(Input):
    """Attributes:
    days: from the approval; left out, what was applied for; null is without end.
    expires_at: an exact end instead of days.
    """

    days: Days = None
    expires_at: Moment | None = None


class Approval(Decision, Lasting):
    """How long it holds, and what the applicant is told."""


class GrantView(View):
    """Attributes:
    application_id: the same for all that were asked for at once.
    renews: the grant this one is to follow.
    component: null for the whole system.
    """

    id: str
    application_id: str
    renews: str | None
    app_code: str
    system: str
    component: str | None
    state: Literal["applied", "asked", "approved", "refused", "withdrawn", "revoked", "expired", "renewed"]
    reason: str
    days: int | None
    applied_by: str
    applied_at: Time
    decided_by: str | None
    decided_at: Time | None
    comment: str
    expires_at: Time | None


class DecidedGrant(GrantView, LiveView):
    """The grant and when the decision holds everywhere."""
