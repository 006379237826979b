from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.secrets.models import NamedSecret


async def find_secret(session: AsyncSession, system: str, name: str) -> NamedSecret | None:
    rows = await session.execute(
        select(NamedSecret).where(col(NamedSecret.system) == system, col(NamedSecret.name) == name)
    )
    return rows.scalar_one_or_none()


async def secrets_of(session: AsyncSession, system: str) -> list[NamedSecret]:
    """By name."""
    rows = await session.execute(
        select(NamedSecret).where(col(NamedSecret.system) == system).order_by(col(NamedSecret.name))
    )
    return list(rows.scalars())


async def outside_secrets(session: AsyncSession, read_before: datetime, limit: int) -> Sequence[NamedSecret]:
    """Those with a source outside that were not read since, the longest ago first."""
    rows = await session.execute(
        select(NamedSecret)
        .where(col(NamedSecret.reference).is_not(None), col(NamedSecret.read_at) < read_before)
        .order_by(col(NamedSecret.read_at))
        .limit(limit)
    )
    return rows.scalars().all()


async def claim(session: AsyncSession, secret: NamedSecret, now: datetime) -> bool:
    """Whether the caller is the one who reads it now; of several processes one is."""
    claimed = await session.execute(
        update(NamedSecret)
        .where(col(NamedSecret.id) == secret.id, col(NamedSecret.read_at) == secret.read_at)
        .values(read_at=now)
        .returning(col(NamedSecret.id))
    )
    return claimed.scalar_one_or_none() is not None
