from collections.abc import Collection

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.flows.models import FlowRow
from orchestrator.schedules.models import ScheduleRun


async def count_starts(session: AsyncSession, schedules: Collection[str]) -> dict[str, int]:
    """Schedule → tasks it has started."""
    statement = (
        select(ScheduleRun.schedule_id, func.count())
        .where(col(ScheduleRun.schedule_id).in_(schedules), col(ScheduleRun.task_id).is_not(None))
        .group_by(col(ScheduleRun.schedule_id))
    )
    return dict((await session.execute(statement)).all())


async def names_of_flows(session: AsyncSession, flows: Collection[str]) -> dict[str, str]:
    statement = select(FlowRow.id, FlowRow.name).where(col(FlowRow.id).in_(flows))
    return dict((await session.execute(statement)).all())
