from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.deputies.models import Deputy


async def find_deputy(session: AsyncSession, system: str, username: str) -> Deputy | None:
    rows = await session.execute(select(Deputy).where(col(Deputy.system) == system, col(Deputy.username) == username))
    return rows.scalar_one_or_none()


async def deputies_of(session: AsyncSession, system: str) -> list[Deputy]:
    """Those of now and to come, and those whose time is over."""
    rows = await session.execute(select(Deputy).where(col(Deputy.system) == system).order_by(col(Deputy.starts_at)))
    return list(rows.scalars())


async def deputy_now(session: AsyncSession, system: str, username: str, now: datetime) -> Deputy | None:
    found = await find_deputy(session, system, username)
    return found if found is not None and found.starts_at <= now < found.ends_at else None


async def systems_deputised(session: AsyncSession, username: str, now: datetime) -> list[str]:
    """On whose grants the person decides now in an owner's place."""
    rows = await session.execute(
        select(col(Deputy.system)).where(
            col(Deputy.username) == username, col(Deputy.starts_at) <= now, col(Deputy.ends_at) > now
        )
    )
    return list(rows.scalars())
