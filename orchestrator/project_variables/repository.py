from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.project_variables.models import ProjectVariable


async def variables_of(session: AsyncSession, project_id: str) -> Sequence[ProjectVariable]:
    """By name."""
    statement = select(ProjectVariable).where(col(ProjectVariable.project_id) == project_id)
    return (await session.execute(statement.order_by(col(ProjectVariable.name)))).scalars().all()


async def names_of(session: AsyncSession, project_id: str) -> frozenset[str]:
    statement = select(ProjectVariable.name).where(col(ProjectVariable.project_id) == project_id)
    return frozenset((await session.execute(statement)).scalars())


async def values_of(session: AsyncSession, project_id: str, names: Collection[str]) -> dict[str, Any]:
    """Of those names that there are."""
    statement = select(ProjectVariable.name, ProjectVariable.value).where(
        col(ProjectVariable.project_id) == project_id, col(ProjectVariable.name).in_(names)
    )
    return {row.name: row.value for row in await session.execute(statement)}


async def find_variable(session: AsyncSession, project_id: str, name: str) -> ProjectVariable | None:
    statement = select(ProjectVariable).where(
        col(ProjectVariable.project_id) == project_id, col(ProjectVariable.name) == name
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def count_in(session: AsyncSession, project_id: str) -> int:
    counted = select(func.count()).where(col(ProjectVariable.project_id) == project_id)
    return (await session.execute(counted)).scalar_one()


async def change_variable(session: AsyncSession, variable_id: str, seen: int, values: Mapping[str, Any]) -> bool:
    """Writes them if its version is still `seen`; the one statement decides between two who change it at once."""
    statement = (
        update(ProjectVariable)
        .where(col(ProjectVariable.id) == variable_id, col(ProjectVariable.version) == seen)
        .values(**values, version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


async def remove_variable(session: AsyncSession, variable_id: str, seen: int) -> bool:
    """As `change_variable`."""
    statement = (
        delete(ProjectVariable)
        .where(col(ProjectVariable.id) == variable_id, col(ProjectVariable.version) == seen)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1
