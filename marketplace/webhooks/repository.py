from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from marketplace.webhooks.models import CatalogueDeliveryRow, CatalogueWebhookRow


async def all_webhooks(session: AsyncSession) -> Sequence[CatalogueWebhookRow]:
    return (await session.execute(select(CatalogueWebhookRow).order_by(col(CatalogueWebhookRow.id)))).scalars().all()


async def enabled_webhooks(session: AsyncSession) -> Sequence[CatalogueWebhookRow]:
    statement = select(CatalogueWebhookRow).where(col(CatalogueWebhookRow.enabled).is_(True))
    return (await session.execute(statement.order_by(col(CatalogueWebhookRow.id)))).scalars().all()


async def find_webhook(session: AsyncSession, webhook_id: str) -> CatalogueWebhookRow | None:
    return await session.get(CatalogueWebhookRow, webhook_id, populate_existing=True)


async def remove_webhook(session: AsyncSession, webhook_id: str) -> None:
    """With all that was to be sent to it."""
    await session.execute(delete(CatalogueDeliveryRow).where(col(CatalogueDeliveryRow.webhook_id) == webhook_id))
    await session.execute(delete(CatalogueWebhookRow).where(col(CatalogueWebhookRow.id) == webhook_id))


async def deliveries_page(session: AsyncSession, webhook_id: str, page: PageRequest) -> PageOf[CatalogueDeliveryRow]:
    """Newest first."""
    statement = select(CatalogueDeliveryRow).where(col(CatalogueDeliveryRow.webhook_id) == webhook_id)
    return await read_page(session, statement, col(CatalogueDeliveryRow.id), page, newest_first=True)


async def find_delivery(session: AsyncSession, delivery_id: str, *, lock: bool = False) -> CatalogueDeliveryRow | None:
    return await session.get(CatalogueDeliveryRow, delivery_id, populate_existing=True, with_for_update=lock)


async def forget_deliveries(session: AsyncSession, before: datetime) -> None:
    """The log is not kept for ever; what still waits stays."""
    settled = (col(CatalogueDeliveryRow.next_attempt_at).is_(None), col(CatalogueDeliveryRow.created_at) < before)
    await session.execute(delete(CatalogueDeliveryRow).where(*settled))
