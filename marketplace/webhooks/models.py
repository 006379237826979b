from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id
from kernel.webhooks.outgoing import Outgoing


class CatalogueWebhookRow(SQLModel, table=True):
    """Where changes of the catalogue are told.

    Attributes:
        events: names of `marketplace.webhooks.events`; none tells all.
        publishers: whose plugins; none tells of all.
    """

    __tablename__ = "marketplace_webhook"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    url: str = Field(max_length=1000)
    sealed_secret: str = Field(sa_type=SealedText)
    events: list[str] = Field(sa_type=JsonValue)
    publishers: list[str] = Field(sa_type=JsonValue)
    enabled: bool = True
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)


class CatalogueDeliveryRow(Outgoing, table=True):
    """One message to one webhook."""

    __tablename__ = "marketplace_webhook_delivery"
    __table_args__ = (
        Index("ix_marketplace_webhook_delivery_next_attempt_at", "next_attempt_at"),
        Index("ix_marketplace_webhook_delivery_webhook", "webhook_id", "id"),
    )

    webhook_id: str = Field(max_length=32)
    type: str = Field(max_length=64)
    message: dict[str, Any] = Field(sa_type=JsonValue)
