from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class TicketWebhook(SQLModel, table=True):
    """Where every step of applications is told: to the ticket system of one system, or of the platform (null)."""

    __tablename__ = "gateway_ticket_webhook"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str | None = Field(default=None, max_length=32, index=True)
    url: str = Field(max_length=1000)
    sealed_secret: str = Field(sa_type=SealedText)
    enabled: bool = True
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)


class TicketDelivery(SQLModel, table=True):
    """One message to one webhook; its id is the message's.

    Attributes:
        state: waiting, delivered, or failed: tried for the last time.
        next_attempt_at: while it waits; whoever sends it puts this off first, so that nobody else does.
        status: of the last answer; null when there was none.
        problem: why the last attempt did not do.
    """

    __tablename__ = "gateway_ticket_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_gateway_ticket_delivery_due", "state", "next_attempt_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    webhook_id: str = Field(max_length=32)
    event_id: str = Field(max_length=32)
    application_id: str = Field(max_length=32)
    type: str = Field(max_length=64)
    message: dict[str, Any] = Field(sa_type=JsonValue)
    state: str = Field(max_length=16)
    attempts: int = 0
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    status: int | None = None
    problem: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
