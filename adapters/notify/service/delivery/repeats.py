"""The same message to the same address within a channel's window is counted, and sent once."""

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.content import Content
from adapters.notify.service.models import Delivery, RecentDelivery


def digest_of(msg_type: str, content: Content, receiver: str, address: str) -> str:
    """By which two deliveries are the same: kind of message, title, text and to whom."""
    text = json.dumps([msg_type, content.title, content.text, receiver, address])
    return hashlib.sha256(text.encode()).hexdigest()


class RepeatGuard:
    async def first_of(self, session: AsyncSession, delivery: Delivery, minutes: int, now: datetime) -> str | None:
        """None when nothing of the kind came lately; else the id of the delivery that this one repeats, now counted.

        Two at once meet at the digest's row: the second waits for the first's commit.
        """
        build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        expires_at = now + timedelta(minutes=minutes)
        statement = build(RecentDelivery).values(digest=delivery.digest, delivery_id=delivery.id, expires_at=expires_at)
        is_old = col(RecentDelivery.expires_at) <= now
        statement = statement.on_conflict_do_update(
            index_elements=["digest"],
            set_={
                "delivery_id": case((is_old, statement.excluded.delivery_id), else_=RecentDelivery.delivery_id),
                "expires_at": case((is_old, statement.excluded.expires_at), else_=RecentDelivery.expires_at),
            },
        )
        first = (await session.execute(statement.returning(col(RecentDelivery.delivery_id)))).scalar_one()
        if first == delivery.id:
            return None
        await session.execute(
            update(Delivery).where(col(Delivery.id) == first).values(repeats=col(Delivery.repeats) + 1)
        )
        return str(first)

    async def forget(self, session: AsyncSession, delivery_id: str) -> None:
        """What did not arrive may come again."""
        await session.execute(delete(RecentDelivery).where(col(RecentDelivery.delivery_id) == delivery_id))

    async def forget_old(self, session: AsyncSession, now: datetime) -> None:
        await session.execute(delete(RecentDelivery).where(col(RecentDelivery.expires_at) <= now))
