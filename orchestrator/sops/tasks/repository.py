from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from orchestrator.engine.states import TaskState
from orchestrator.runtime.models import Task
from orchestrator.schedules.models import Schedule
from orchestrator.sops.tasks.making import ORIGINS, CreateMethod
from orchestrator.tasks.origins import OriginKind


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Attributes:
    keyword: part of the name, in whatever case.
    flows: ids of the flows; none for all.
    """

    project_id: str
    keyword: str
    executor: str
    is_started: bool | None
    is_finished: bool | None
    flows: Collection[str] | None
    since: datetime | None
    until: datetime | None
    create_method: CreateMethod | None = None
    is_child: bool | None = None


async def find_tasks(session: AsyncSession, wanted: TaskFilter, limit: int, offset: int) -> Sequence[Task]:
    """The newest first."""
    unread = (Task.inputs, Task.outputs, Task.progress, Task.scopes)
    statement = (
        select(Task)
        .where(*_conditions(wanted))
        .options(*(defer(column) for column in unread))  # type: ignore[arg-type]
        .order_by(col(Task.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return (await session.execute(statement)).scalars().all()


async def count_tasks(session: AsyncSession, wanted: TaskFilter) -> int:
    return (await session.execute(select(func.count()).select_from(Task).where(*_conditions(wanted)))).scalar_one()


async def clocked_among(session: AsyncSession, schedules: Collection[str]) -> frozenset[str]:
    """Ids of those that start one task only."""
    once = col(Schedule.id).in_(schedules), col(Schedule.cron).is_(None)
    return frozenset((await session.execute(select(Schedule.id).where(*once))).scalars())


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(Task.project_id) == wanted.project_id]
    if wanted.keyword:
        found.append(col(Task.name).icontains(wanted.keyword, autoescape=True))
    if wanted.executor:
        found.append(col(Task.created_by) == wanted.executor)
    if wanted.is_started is not None:
        begun = col(Task.start_at).is_not(None)
        found.append(begun if wanted.is_started else ~begun)
    if wanted.is_finished is not None:
        finished = col(Task.state) == TaskState.FINISHED.value
        found.append(finished if wanted.is_finished else ~finished)
    if wanted.flows is not None:
        found.append(col(Task.flow_id).in_(wanted.flows))
    if wanted.since is not None:
        found.append(col(Task.created_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Task.created_at) <= wanted.until)
    if wanted.create_method is not None:
        found.append(_made(wanted.create_method))
    if wanted.is_child is not None:
        child = col(Task.origin) == OriginKind.SUBPROCESS.value
        found.append(child if wanted.is_child else ~child)
    return found


def _made(how: CreateMethod) -> ColumnElement[bool]:
    if how not in (CreateMethod.PERIODIC, CreateMethod.CLOCKED):
        return col(Task.origin).in_([kind.value for kind in ORIGINS[how]])
    once = col(Task.origin_id).in_(select(Schedule.id).where(col(Schedule.cron).is_(None)))
    return (col(Task.origin) == OriginKind.SCHEDULE.value) & (once if how is CreateMethod.CLOCKED else ~once)
