from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.tickets.models import TicketDelivery, TicketWebhook
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_webhook(session: AsyncSession, webhook_id: str) -> TicketWebhook | None:
    return await session.get(TicketWebhook, webhook_id, populate_existing=True)


async def webhooks_of(session: AsyncSession, system: str | None) -> list[TicketWebhook]:
    """Of one system, or of the platform (`None`)."""
    of_system = col(TicketWebhook.system) == system if system is not None else col(TicketWebhook.system).is_(None)
    rows = await session.execute(select(TicketWebhook).where(of_system).order_by(col(TicketWebhook.id)))
    return list(rows.scalars())


async def webhooks_that_hear(session: AsyncSession, system: str) -> list[TicketWebhook]:
    """Enabled ones of the system and of the platform."""
    rows = await session.execute(
        select(TicketWebhook)
        .where(or_(col(TicketWebhook.system) == system, col(TicketWebhook.system).is_(None)))
        .where(col(TicketWebhook.enabled).is_(True))
        .order_by(col(TicketWebhook.id))
    )
    return list(rows.scalars())


async def remove_webhook(session: AsyncSession, webhook_id: str) -> None:
    """With all that was to be sent to it."""
    await session.execute(delete(TicketDelivery).where(col(TicketDelivery.webhook_id) == webhook_id))
    await session.execute(delete(TicketWebhook).where(col(TicketWebhook.id) == webhook_id))


async def deliveries_page(session: AsyncSession, webhook_id: str, page: PageRequest) -> PageOf[TicketDelivery]:
    """Newest first."""
    statement = select(TicketDelivery).where(col(TicketDelivery.webhook_id) == webhook_id)
    return await read_page(session, statement, col(TicketDelivery.id), page, newest_first=True)


async def find_delivery(session: AsyncSession, webhook_id: str, delivery_id: str) -> TicketDelivery | None:
    """Held until the transaction ends."""
    found = await session.get(TicketDelivery, delivery_id, populate_existing=True, with_for_update=True)
    return found if found is not None and found.webhook_id == webhook_id else None


async def remove_deliveries_before(session: AsyncSession, moment: datetime) -> None:
    """The log is not kept for ever; what still waits stays."""
    settled = (col(TicketDelivery.next_attempt_at).is_(None), col(TicketDelivery.created_at) < moment)
    await session.execute(delete(TicketDelivery).where(*settled))
