from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.events.models import EventWebhook, InventoryEvent


class EventRepository:
    async def head(self, session: AsyncSession) -> int:
        """Id of the youngest event; 0 when there was none."""
        return (await session.execute(select(func.max(InventoryEvent.id)))).scalar_one() or 0

    async def tail(self, session: AsyncSession) -> int:
        """Id of the oldest event that is kept; 0 when there was none."""
        return (await session.execute(select(func.min(InventoryEvent.id)))).scalar_one() or 0

    async def before(self, session: AsyncSession, moment: datetime) -> int:
        """Id of the last event before a moment; 0 when all that are kept are younger."""
        older = select(func.max(InventoryEvent.id)).where(col(InventoryEvent.at) < moment)
        return (await session.execute(older)).scalar_one() or 0

    async def after(
        self,
        session: AsyncSession,
        position: int,
        until: int,
        resources: Collection[str],
        event_types: Collection[str],
        limit: int,
    ) -> Sequence[InventoryEvent]:
        """Those after `position` up to `until`, in their order; empty collections stand for all."""
        statement = select(InventoryEvent).where(col(InventoryEvent.id) > position, col(InventoryEvent.id) <= until)
        if resources:
            statement = statement.where(col(InventoryEvent.resource).in_(resources))
        if event_types:
            statement = statement.where(col(InventoryEvent.event_type).in_(event_types))
        return (await session.execute(statement.order_by(col(InventoryEvent.id)).limit(limit))).scalars().all()

    async def remove_before(self, session: AsyncSession, moment: datetime) -> None:
        """Keeps the youngest event in any case: by it a reader's cursor is told from one that is too old."""
        old = (col(InventoryEvent.at) < moment, col(InventoryEvent.id) < await self.head(session))
        await session.execute(delete(InventoryEvent).where(*old))

    async def webhooks(self, session: AsyncSession) -> Sequence[EventWebhook]:
        return (await session.execute(select(EventWebhook).order_by(col(EventWebhook.id)))).scalars().all()

    async def any_due(self, session: AsyncSession, now: datetime) -> bool:
        """Whether a webhook has something to be told: asked often, and without a write."""
        due = _due(now, await self.head(session))
        return (await session.execute(select(col(EventWebhook.id)).where(*due).limit(1))).first() is not None

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> Sequence[EventWebhook]:
        """Kept from other processes until the unit of work ends."""
        statement = select(EventWebhook).where(*_due(now, await self.head(session)))
        ordered = statement.order_by(col(EventWebhook.next_attempt_at)).limit(limit)
        return (await session.execute(ordered.with_for_update(skip_locked=True))).scalars().all()


def _due(now: datetime, head: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(EventWebhook.enabled).is_(True),
        col(EventWebhook.next_attempt_at) <= now,
        col(EventWebhook.position) < head,
    )
