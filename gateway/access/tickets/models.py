from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id
from kernel.webhooks.outgoing import Outgoing


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


class TicketDelivery(Outgoing, table=True):
    """One message to one webhook."""

    __tablename__ = "gateway_ticket_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_gateway_ticket_delivery_next_attempt_at", "next_attempt_at"),
    )

    webhook_id: str = Field(max_length=32)
    event_id: str = Field(max_length=32)
    application_id: str = Field(max_length=32)
    type: str = Field(max_length=64)
    message: dict[str, Any] = Field(sa_type=JsonValue)
