from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.policies.kinds.policy import Level
from gateway.policies.models import PolicySet


def stage_place(system: str, stage: str) -> str:
    return f"{system}/{stage}"


async def find_policy_set(session: AsyncSession, level: Level, place: str) -> PolicySet | None:
    rows = await session.execute(
        select(PolicySet).where(col(PolicySet.level) == level.value, col(PolicySet.place) == place)
    )
    return rows.scalar_one_or_none()


async def policies_at(session: AsyncSession, level: Level, place: str) -> list[dict[str, Any]]:
    """As they stand in a shard; empty where none were laid down."""
    found = await find_policy_set(session, level, place)
    return found.policies if found is not None else []


async def remove_policy_set(session: AsyncSession, level: Level, place: str) -> None:
    """For whoever removes the place itself."""
    await session.execute(delete(PolicySet).where(col(PolicySet.level) == level.value, col(PolicySet.place) == place))
