from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.project_secrets.models import ProjectSecret


async def find_project_secret(session: AsyncSession, project_id: str, name: str) -> ProjectSecret | None:
    found = await project_secrets_named(session, project_id, [name])
    return found[0] if found else None


async def project_secrets_named(session: AsyncSession, project_id: str, names: Collection[str]) -> list[ProjectSecret]:
    """Those that the project has."""
    rows = await session.execute(
        select(ProjectSecret).where(col(ProjectSecret.project_id) == project_id, col(ProjectSecret.name).in_(names))
    )
    return list(rows.scalars())


async def secrets_of_project(session: AsyncSession, project_id: str) -> list[ProjectSecret]:
    """By name."""
    rows = await session.execute(
        select(ProjectSecret).where(col(ProjectSecret.project_id) == project_id).order_by(col(ProjectSecret.name))
    )
    return list(rows.scalars())


async def names_of_project_secrets(session: AsyncSession, project_id: str) -> frozenset[str]:
    rows = await session.execute(select(col(ProjectSecret.name)).where(col(ProjectSecret.project_id) == project_id))
    return frozenset(rows.scalars())


async def count_project_secrets(session: AsyncSession, project_id: str) -> int:
    counted = select(func.count()).where(col(ProjectSecret.project_id) == project_id)
    return (await session.execute(counted)).scalar_one()
