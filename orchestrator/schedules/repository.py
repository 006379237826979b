from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.errors import NotFound
from kernel.ids import is_id
from orchestrator.engine.states import TaskState
from orchestrator.runtime.models import Task
from orchestrator.schedules.models import Schedule, ScheduleRun

_UNDER_WAY = (TaskState.CREATED.value, TaskState.RUNNING.value, TaskState.SUSPENDED.value)
_MOST_LOOKED_AT = 500


async def require_schedule(session: AsyncSession, schedule_id: str, *, lock: bool = False) -> Schedule:
    """Raises:
    NotFound: no such schedule.
    """
    statement = select(Schedule).where(col(Schedule.id) == schedule_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(statement)).scalar_one_or_none() if is_id(schedule_id) else None
    if found is None:
        raise NotFound(f"There is no schedule {schedule_id!r}")
    return found


async def list_schedules(session: AsyncSession, where: ColumnElement[bool], page: PageRequest) -> PageOf[Schedule]:
    return await read_page(session, select(Schedule).where(where), col(Schedule.id), page, newest_first=True)


async def count_in_project(session: AsyncSession, project_id: str) -> int:
    counted = select(func.count()).select_from(Schedule).where(col(Schedule.project_id) == project_id)
    return (await session.execute(counted)).scalar_one()


async def runs_page(session: AsyncSession, schedule_id: str, page: PageRequest) -> PageOf[ScheduleRun]:
    statement = select(ScheduleRun).where(col(ScheduleRun.schedule_id) == schedule_id)
    return await read_page(session, statement, col(ScheduleRun.id), page, newest_first=True)


async def last_runs(session: AsyncSession, schedule_ids: Collection[str]) -> dict[str, ScheduleRun]:
    """Schedule → its newest run, where it has any."""
    newest = (select(func.max(ScheduleRun.id)).where(col(ScheduleRun.schedule_id).in_(schedule_ids))).group_by(
        col(ScheduleRun.schedule_id)
    )
    rows = (await session.execute(select(ScheduleRun).where(col(ScheduleRun.id).in_(newest)))).scalars()
    return {run.schedule_id: run for run in rows}


async def first_due(session: AsyncSession) -> datetime | None:
    """When the next schedule is due."""
    return (await session.execute(select(func.min(Schedule.next_at)))).scalar_one_or_none()


async def due_schedules(session: AsyncSession, now: datetime, limit: int) -> Sequence[str]:
    """Ids, those that are due longest first."""
    statement = select(Schedule.id).where(col(Schedule.next_at) <= now).order_by(col(Schedule.next_at)).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def take_due(session: AsyncSession, schedule_id: str, now: datetime) -> Schedule | None:
    """The schedule, held until the transaction ends; none when another process holds it or has dealt with it."""
    statement = (
        select(Schedule)
        .where(col(Schedule.id) == schedule_id, col(Schedule.next_at) <= now)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def queued_schedules(session: AsyncSession, limit: int) -> Sequence[str]:
    """Ids of those with a run that waits, and with nothing more to wait for."""
    started = aliased(ScheduleRun)
    going = (
        select(started.id)
        .join(Task, col(Task.id) == col(started.task_id))
        .where(col(started.schedule_id) == col(Schedule.id), col(Task.state).in_(_UNDER_WAY))
    )
    statement = (
        select(Schedule.id)
        .join(ScheduleRun, col(ScheduleRun.schedule_id) == col(Schedule.id))
        .where(col(ScheduleRun.outcome) == "queued", or_(~going.exists(), col(Schedule.enabled).is_(False)))
    )
    return (await session.execute(statement.distinct().limit(limit))).scalars().all()


async def queued_runs(session: AsyncSession, schedule_id: str) -> Sequence[ScheduleRun]:
    """In the order in which they were due."""
    statement = select(ScheduleRun).where(
        col(ScheduleRun.schedule_id) == schedule_id, col(ScheduleRun.outcome) == "queued"
    )
    return (await session.execute(statement.order_by(col(ScheduleRun.due_at)))).scalars().all()


async def tasks_under_way(session: AsyncSession, schedule_id: str) -> Sequence[str]:
    """Tasks of the schedule that go on or are held; one that failed holds up nothing."""
    started = (
        select(ScheduleRun.task_id)
        .where(col(ScheduleRun.schedule_id) == schedule_id, col(ScheduleRun.task_id).is_not(None))
        .order_by(col(ScheduleRun.id).desc())
        .limit(_MOST_LOOKED_AT)
    )
    statement = select(Task.id).where(col(Task.id).in_(started), col(Task.state).in_(_UNDER_WAY))
    return (await session.execute(statement)).scalars().all()


async def remove(session: AsyncSession, schedule: Schedule) -> None:
    await session.execute(delete(ScheduleRun).where(col(ScheduleRun.schedule_id) == schedule.id))
    await session.delete(schedule)


async def forget_runs(session: AsyncSession, before: datetime) -> None:
    old = (col(ScheduleRun.at) < before, col(ScheduleRun.outcome) != "queued")
    await session.execute(delete(ScheduleRun).where(*old))
