from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.tickets.models import TicketDelivery, TicketWebhook
from kernel.db.pages import PageOf, PageRequest, read_page

WAITING = "waiting"


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
    found = await session.get(TicketDelivery, delivery_id, populate_existing=True)
    return found if found is not None and found.webhook_id == webhook_id else None


async def any_due(session: AsyncSession, now: datetime) -> bool:
    """Whether there is something to send: asked often, and without a write."""
    rows = await session.execute(select(col(TicketDelivery.id)).where(*_due(now)).limit(1))
    return rows.scalar_one_or_none() is not None


async def claim_due(session: AsyncSession, now: datetime, until: datetime, limit: int) -> list[TicketDelivery]:
    """Takes what is due, oldest first; until then nobody else takes it."""
    due = select(col(TicketDelivery.id)).where(*_due(now)).order_by(col(TicketDelivery.next_attempt_at)).limit(limit)
    rows = await session.execute(
        update(TicketDelivery)
        .where(col(TicketDelivery.id).in_(due), *_due(now))
        .values(next_attempt_at=until, attempts=col(TicketDelivery.attempts) + 1)
        .returning(TicketDelivery)
        .execution_options(synchronize_session=False)
    )
    return sorted(rows.scalars(), key=lambda delivery: delivery.id)


async def remove_deliveries_before(session: AsyncSession, moment: datetime) -> None:
    """The log is not kept for ever; what still waits stays."""
    await session.execute(
        delete(TicketDelivery).where(col(TicketDelivery.state) != WAITING, col(TicketDelivery.created_at) < moment)
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (col(TicketDelivery.state) == WAITING, col(TicketDelivery.next_attempt_at) <= now)
