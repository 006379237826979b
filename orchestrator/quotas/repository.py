from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, bindparam, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.engine.states import TaskState
from orchestrator.quotas.models import ProjectQuota
from orchestrator.runtime.models import Task

EVERYWHERE: Final = ""
_LOCKS: Final = 0x7461736B
"""The class of the advisory locks by which starts of a project follow each other on PostgreSQL."""
_CREATED: Final = TaskState.CREATED.value
_WAITS: Final = and_(col(Task.state) == _CREATED, col(Task.queued_at).is_not(None))
_UNDER_WAY: Final = or_(
    col(Task.state) == TaskState.RUNNING.value, and_(col(Task.state) == _CREATED, col(Task.start_at).is_not(None))
)


_QUOTA: Final = (
    select(ProjectQuota)
    .where(col(ProjectQuota.project_id).in_([bindparam("project_id"), EVERYWHERE]))
    .order_by(col(ProjectQuota.project_id).desc())
    .limit(1)
)


async def quota_of(session: AsyncSession, project_id: str) -> ProjectQuota | None:
    """What holds for a project: its own, else that for all."""
    return (await session.execute(_QUOTA, {"project_id": project_id})).scalar_one_or_none()


async def all_quotas(session: AsyncSession) -> Sequence[ProjectQuota]:
    return (await session.execute(select(ProjectQuota))).scalars().all()


async def lock_starts(session: AsyncSession, project_id: str) -> None:
    """Until the transaction ends nobody else counts or starts tasks of the project; on SQLite nobody else writes."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_LOCKS, func.hashtext(project_id))))


async def count_under_way(session: AsyncSession, project_id: str) -> int:
    """Tasks that run, or were told to begin."""
    statement = select(func.count()).select_from(Task).where(col(Task.project_id) == project_id, _UNDER_WAY)
    return int((await session.execute(statement)).scalar_one())


async def count_queued(session: AsyncSession, project_id: str) -> int:
    statement = select(func.count()).select_from(Task).where(col(Task.project_id) == project_id, _WAITS)
    return int((await session.execute(statement)).scalar_one())


async def under_way_by_project(session: AsyncSession) -> dict[str, int]:
    """Of projects that have any."""
    return await _by_project(session, _UNDER_WAY)


async def queued_by_project(session: AsyncSession) -> dict[str, int]:
    """Of projects that have any."""
    return await _by_project(session, _WAITS)


async def launched_by_project(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Of projects that have any."""
    return await _by_project(session, and_(col(Task.id) > first_id(since), col(Task.created_at) > since))


async def launched_since(session: AsyncSession, project_id: str, since: datetime) -> Sequence[datetime]:
    """When, the oldest first."""
    statement = (
        select(Task.created_at)
        .where(col(Task.project_id) == project_id, col(Task.id) > first_id(since), col(Task.created_at) > since)
        .order_by(col(Task.id))
    )
    return (await session.execute(statement)).scalars().all()


def first_id(at: datetime) -> str:
    """What sorts before the ids made from that time on: they begin with it, in milliseconds."""
    return f"{int(at.timestamp() * 1000):012x}" + "0" * 20


async def projects_waiting(session: AsyncSession) -> Sequence[str]:
    return (await session.execute(select(Task.project_id).where(_WAITS).distinct())).scalars().all()


async def next_waiting(session: AsyncSession, project_id: str, limit: int) -> Sequence[str]:
    """Ids of the tasks that wait longest."""
    statement = (
        select(Task.id)
        .where(col(Task.project_id) == project_id, _WAITS)
        .order_by(col(Task.queued_at), col(Task.id))
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def let_begin(session: AsyncSession, task_id: str, at: datetime) -> bool:
    """Has a waiting task begin; false when it waits no longer."""
    statement = (
        update(Task)
        .where(col(Task.id) == task_id, _WAITS)
        .values(start_at=at, queued_at=None)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


async def _by_project(session: AsyncSession, where: ColumnElement[bool]) -> dict[str, int]:
    statement = select(Task.project_id, func.count()).where(where).group_by(col(Task.project_id))
    return {row[0]: row[1] for row in await session.execute(statement)}
