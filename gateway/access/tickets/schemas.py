from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.fields import Input, SystemName, Time, View

Url = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]


class NewTicketWebhook(Input):
    """Attributes:
    system: whose applications are told; null is those of all systems, for administrators to say.
    """

    system: SystemName | None = None
    url: Url


class TicketWebhookChange(Input):
    """What is left out stays."""

    url: Url | None = None
    enabled: bool | None = None


class TicketWebhookView(View):
    id: str
    system: str | None
    url: str
    enabled: bool
    created_by: str
    created_at: Time


class CreatedTicketWebhook(TicketWebhookView):
    """Attributes:
    secret: shown this once; what the ticket system verifies `webhook-signature` with.
    """

    secret: str


class TicketDeliveryView(View):
    """Attributes:
    id: sent as `webhook-id`.
    next_attempt_at: null once it is settled.
    status: of the last answer; null when there was none.
    problem: why the last attempt did not do; empty when it did.
    """

    id: str
    application_id: str
    type: str
    message: dict[str, Any]
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_attempt_at: Time | None
    status: int | None
    problem: str
    created_at: Time
    delivered_at: Time | None
