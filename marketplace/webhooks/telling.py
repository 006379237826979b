"""Word of a change, in the transaction of the change: it is told if and only if it happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.models import CatalogueDeliveryRow
from marketplace.webhooks.repository import enabled_webhooks


@dataclass(frozen=True, slots=True)
class News:
    """Attributes:
    plugin: empty for what is about a publisher.
    facts: what else is told; everybody who gets it may know it.
    """

    event: CatalogueEvent
    publisher: str
    plugin: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


async def tell(session: AsyncSession, principal: Principal, news: News, at: datetime) -> None:
    """Puts a message for each webhook that hears of it into the unit of work."""
    about = {"plugin": news.plugin} if news.plugin else {}
    message = {
        "type": news.event.value,
        "timestamp": at.isoformat(),
        "data": {**about, "publisher": news.publisher, **news.facts, "by": principal.id},
    }
    for webhook in await enabled_webhooks(session):
        if webhook.events and news.event.value not in webhook.events:
            continue
        if webhook.publishers and news.publisher not in webhook.publishers:
            continue
        session.add(
            CatalogueDeliveryRow(
                webhook_id=webhook.id, type=news.event.value, message=message, next_attempt_at=at, created_at=at
            )
        )
