from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.policies.kinds.policy import Level
from gateway.policies.models import PolicySet
from gateway.policies.repository import find_policy_set, remove_policy_set, stage_place
from gateway.registry.models import Stage
from gateway.registry.signing.models import StageSigning
from gateway.registry.stages.models import StageActivation
from gateway.registry.upstreams.models import StageUpstream
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


async def copy_configuration(session: AsyncSession, model: Stage, stage: Stage, *, upstreams: bool) -> None:
    """Has a new stage sign and govern its calls, and with `upstreams` forward them, as `model` does.

    Secrets stay sealed.
    """
    tables: tuple[type[StageSigning | StageUpstream], ...] = (StageSigning, StageUpstream)
    for table in tables if upstreams else tables[:1]:
        rows = await session.execute(
            select(table).where(col(table.system) == model.system, col(table.stage) == model.name)
        )
        for row in rows.scalars():
            session.add(table(**row.model_dump(exclude={"id", "stage"}), stage=stage.name))
    governed = await find_policy_set(session, Level.STAGE, stage_place(model.system, model.name))
    if governed is not None:
        place = stage_place(stage.system, stage.name)
        session.add(PolicySet(**governed.model_dump(exclude={"id", "place"}), place=place))


async def remove_stage(session: AsyncSession, stage: Stage) -> None:
    """With all that belongs to it; what it served stays in the audit log."""
    for table in (StageSigning, StageUpstream, StageActivation):
        await session.execute(delete(table).where(col(table.system) == stage.system, col(table.stage) == stage.name))
    await remove_policy_set(session, Level.STAGE, stage_place(stage.system, stage.name))
    await session.delete(stage)
