from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.secret_inputs.models import SecretInput


async def sealed_of(session: AsyncSession, owner: str, ids: Collection[str]) -> dict[str, str]:
    """Id → the sealed secret, of those that are the owner's."""
    chosen = select(col(SecretInput.id), col(SecretInput.sealed)).where(
        col(SecretInput.owner) == owner, col(SecretInput.id).in_(ids)
    )
    return {row.id: row.sealed for row in await session.execute(chosen)}


async def remove_others(session: AsyncSession, owner: str, ids: Collection[str]) -> None:
    """Lets the owner's secrets go but for these."""
    others = delete(SecretInput).where(col(SecretInput.owner) == owner, col(SecretInput.id).not_in(ids))
    await session.execute(others)
