from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.models import Stage, SystemKey
from gateway.registry.signing.models import StageSigning
from gateway.registry.signing.profiles import SECRET_NAME


async def find_signing(session: AsyncSession, system: str, stage: str) -> StageSigning | None:
    rows = await session.execute(
        select(StageSigning).where(col(StageSigning.system) == system, col(StageSigning.stage) == stage)
    )
    return rows.scalar_one_or_none()


async def signings_with(session: AsyncSession, system: str, secret_name: str) -> list[StageSigning]:
    """Those of the system's stages that use a named secret."""
    rows = await session.execute(select(StageSigning).where(col(StageSigning.system) == system))
    return [signing for signing in rows.scalars() if signing.parameters.get(SECRET_NAME) == secret_name]


async def systems_signed_by(session: AsyncSession, profile: str) -> list[str]:
    """Those of which a stage has the signing profile, by name."""
    rows = await session.execute(
        select(col(Stage.system)).where(col(Stage.signing) == profile).distinct().order_by(col(Stage.system))
    )
    return list(rows.scalars())


async def keys_of(session: AsyncSession, system: str) -> list[SystemKey]:
    """All of them, retired ones too, newest first."""
    rows = await session.execute(
        select(SystemKey).where(col(SystemKey.system) == system).order_by(col(SystemKey.id).desc())
    )
    return list(rows.scalars())


async def find_key(session: AsyncSession, system: str, profile: str, key_id: str) -> SystemKey | None:
    rows = await session.execute(
        select(SystemKey).where(
            col(SystemKey.system) == system, col(SystemKey.profile) == profile, col(SystemKey.key_id) == key_id
        )
    )
    return rows.scalar_one_or_none()


async def count_keys(session: AsyncSession, system: str, profile: str) -> int:
    """Retired ones too: a key's id is never used again."""
    counted = select(func.count()).where(col(SystemKey.system) == system, col(SystemKey.profile) == profile)
    return (await session.execute(counted)).scalar_one()


async def keys_due(session: AsyncSession, now: datetime) -> Sequence[SystemKey]:
    """Those that are to sign from now on, and don't yet; oldest first."""
    rows = await session.execute(
        select(SystemKey)
        .where(col(SystemKey.signs).is_(False), col(SystemKey.retired_at).is_(None), col(SystemKey.signs_from) <= now)
        .order_by(col(SystemKey.id))
    )
    return rows.scalars().all()
