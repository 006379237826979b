from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.notices.models import Notice


async def any_due(session: AsyncSession, now: datetime) -> bool:
    """Whether there is something to send: asked often, and without a write."""
    rows = await session.execute(select(col(Notice.id)).where(col(Notice.next_attempt_at) <= now).limit(1))
    return rows.scalar_one_or_none() is not None


async def claim_due(session: AsyncSession, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
    """Takes what is due, oldest first; until then nobody else takes it."""
    is_due = col(Notice.next_attempt_at) <= now
    due = select(col(Notice.id)).where(is_due).order_by(col(Notice.next_attempt_at)).limit(limit)
    rows = await session.execute(
        update(Notice)
        .where(col(Notice.id).in_(due), is_due)
        .values(next_attempt_at=until, attempts=col(Notice.attempts) + 1)
        .returning(Notice)
        .execution_options(synchronize_session=False)
    )
    return rows.scalars().all()


async def remove_notice(session: AsyncSession, notice_id: str) -> None:
    await session.execute(delete(Notice).where(col(Notice.id) == notice_id))


async def put_off(session: AsyncSession, notice_id: str, until: datetime | None, problem: str) -> None:
    """Tried again then, or never: then it stays to be seen for as long as `remove_given_up` leaves it."""
    await session.execute(
        update(Notice).where(col(Notice.id) == notice_id).values(next_attempt_at=until, problem=problem)
    )


async def remove_given_up(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(Notice).where(col(Notice.next_attempt_at).is_(None), col(Notice.created_at) < before))
