from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.access.grants.schemas import GrantView, Lasting
from gateway.fields import ComponentName, Input, Text, Time, View
from gateway.snapshot.schemas import LiveView

RequiredText = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=4000)]


class VerdictInput(Lasting):
    """Attributes:
    components: approved of it, the others being refused; left out, all that was asked for. Of an application for a
        whole system, these components instead.
    comment: a reason is needed to refuse, a question to ask.
    """

    decision: Literal["approve", "refuse", "ask"]
    components: Annotated[list[ComponentName], Field(max_length=500)] | None = None
    comment: Text = ""


class AnswerInput(Input):
    text: RequiredText


class WithdrawalInput(Input):
    text: Text = ""


class EventView(View):
    """Attributes:
    step: what happened: applied, approved, refused, asked, answered, withdrawn, revoked, expired, renewed or reminded.
    components: which of the application's it was about; null among them is the whole system.
    """

    step: str
    actor: str
    text: str
    components: list[str | None]
    at: Time


class ApplicationView(View):
    """Attributes:
    grants: what was asked for, one by one.
    is_renewal: asks to go on with grants that are there.
    """

    id: str
    app_code: str
    system: str
    state: Literal["applied", "asked", "approved", "partly_approved", "refused", "withdrawn"]
    reason: str
    days: int | None
    applied_by: str
    applied_at: Time
    is_renewal: bool
    grants: list[GrantView]
    history: list[EventView]


class DecidedApplication(ApplicationView, LiveView):
    """The application and when the decision holds everywhere."""
