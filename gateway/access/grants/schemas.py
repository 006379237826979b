from typing import Annotated, Literal

from pydantic import Field

from gateway.fields import AppCode, ComponentName, Input, Moment, SystemName, Text, Time, View
from gateway.snapshot.schemas import LiveView

Days = Literal[180, 360] | None


class GrantApplication(Input):
    """Attributes:
    components: null asks for the whole system.
    days: null asks for a grant without end.
    """

    app_code: AppCode
    system: SystemName
    components: Annotated[list[ComponentName], Field(min_length=1, max_length=500)] | None = None
    reason: Text = ""
    days: Days = 180


class Decision(Input):
    comment: Text = ""


class Approval(Decision):
    """Attributes:
    days: left out, what was applied for.
    expires_at: an exact end instead of days.
    """

    days: Days = None
    expires_at: Moment | None = None


class GrantView(View):
    """Attributes:
    component: null for the whole system.
    """

    id: str
    app_code: str
    system: str
    component: str | None
    state: Literal["applied", "approved", "refused", "revoked", "expired"]
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
