from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.models import Release


async def find_release_by_digest(session: AsyncSession, system: str, digest: str) -> Release | None:
    """The oldest release with exactly those components."""
    rows = await session.execute(
        select(Release)
        .where(col(Release.system) == system, col(Release.digest) == digest)
        .order_by(col(Release.number))
        .limit(1)
    )
    return rows.scalar_one_or_none()
