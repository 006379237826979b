from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.oauth.keys.models import SigningKey

_IN_USE: Final = (
    select(SigningKey)
    .where(col(SigningKey.retired_at).is_(None), col(SigningKey.signs))
    .order_by(col(SigningKey.kid).desc())
    .limit(1)
)


async def find_key(session: AsyncSession, kid: str) -> SigningKey | None:
    return await session.get(SigningKey, kid)


async def all_keys(session: AsyncSession) -> list[SigningKey]:
    """Newest first, retired ones too."""
    return list((await session.execute(select(SigningKey).order_by(col(SigningKey.kid).desc()))).scalars())


async def told_keys(session: AsyncSession) -> list[SigningKey]:
    """Those that verify, or will, newest first."""
    rows = await session.execute(
        select(SigningKey).where(col(SigningKey.retired_at).is_(None)).order_by(col(SigningKey.kid).desc())
    )
    return list(rows.scalars())


async def key_in_use(session: AsyncSession) -> SigningKey | None:
    return (await session.execute(_IN_USE)).scalar_one_or_none()
