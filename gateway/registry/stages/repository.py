from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.stages.models import StageActivation
from kernel.db.pages import PageOf, PageRequest, read_page


async def newest_activation(session: AsyncSession, system: str, stage: str) -> StageActivation | None:
    rows = await session.execute(
        select(StageActivation)
        .where(col(StageActivation.system) == system, col(StageActivation.stage) == stage)
        .order_by(col(StageActivation.number).desc())
        .limit(1)
    )
    return rows.scalar_one_or_none()


async def find_activation(session: AsyncSession, system: str, stage: str, number: int) -> StageActivation | None:
    rows = await session.execute(
        select(StageActivation).where(
            col(StageActivation.system) == system,
            col(StageActivation.stage) == stage,
            col(StageActivation.number) == number,
        )
    )
    return rows.scalar_one_or_none()


async def activations_page(
    session: AsyncSession, system: str, stage: str, page: PageRequest
) -> PageOf[StageActivation]:
    """Newest first."""
    statement = select(StageActivation).where(
        col(StageActivation.system) == system, col(StageActivation.stage) == stage
    )
    return await read_page(session, statement, col(StageActivation.id), page, newest_first=True)
