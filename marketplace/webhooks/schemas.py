from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from marketplace.publishers.schemas import PublisherName
from marketplace.webhooks.events import CatalogueEvent

Url = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]


class CatalogueWebhookBody(BaseModel):
    """`events` and `publishers` narrow what is told; empty ones do not."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: list[CatalogueEvent] = Field(default=[], max_length=len(CatalogueEvent))
    publishers: list[PublisherName] = Field(default=[], max_length=50)
    enabled: Annotated[bool, Field(strict=True)] = True


class CatalogueWebhookView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    url: str
    events: list[str]
    publishers: list[str]
    enabled: bool
    created_by: str
    created_at: datetime


class CreatedCatalogueWebhook(CatalogueWebhookView):
    """`secret` is shown this once; its receiver verifies `webhook-signature` with it."""

    secret: str


class CatalogueDeliveryView(BaseModel):
    """Attributes:
    id: sent as `webhook-id`.
    next_attempt_at: null once it is settled.
    status: of the last answer; null when there was none.
    problem: why the last attempt did not do; empty when it did.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    type: str
    message: dict[str, Any]
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_attempt_at: datetime | None
    status: int | None
    problem: str
    created_at: datetime
    delivered_at: datetime | None
