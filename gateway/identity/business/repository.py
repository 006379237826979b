from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.business.models import ProjectBusiness
from gateway.identity.users.models import User


async def find_business(session: AsyncSession, project_id: str) -> ProjectBusiness | None:
    return await session.get(ProjectBusiness, project_id, populate_existing=True)


async def any_due(session: AsyncSession, now: datetime) -> bool:
    """Whether it is any project's turn: asked often, and without a write."""
    due = select(col(ProjectBusiness.project_id)).where(col(ProjectBusiness.next_sync_at) <= now).limit(1)
    return (await session.execute(due)).first() is not None


async def claim_due(session: AsyncSession, now: datetime, then: datetime) -> str | None:
    """The project whose turn it is, which no other process takes before `then`."""
    due = (
        select(col(ProjectBusiness.project_id))
        .where(col(ProjectBusiness.next_sync_at) <= now)
        .order_by(col(ProjectBusiness.next_sync_at))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(ProjectBusiness)
        .where(col(ProjectBusiness.project_id) == due)
        .values(next_sync_at=then)
        .returning(col(ProjectBusiness.project_id))
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def remove_business(session: AsyncSession, project_id: str) -> None:
    await session.execute(delete(ProjectBusiness).where(col(ProjectBusiness.project_id) == project_id))


async def known_among(session: AsyncSession, usernames: list[str]) -> frozenset[str]:
    rows = await session.execute(select(col(User.username)).where(col(User.username).in_(usernames)))
    return frozenset(rows.scalars())
