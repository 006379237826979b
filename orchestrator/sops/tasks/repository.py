from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from orchestrator.engine.states import NodeState, TaskState
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.schedules.models import Schedule
from orchestrator.sops.tasks.making import ORIGINS, CreateMethod
from orchestrator.sops.tasks.work_time import Span
from orchestrator.tasks.origins import OriginKind


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Attributes:
    keyword: part of the name, in whatever case.
    name: all of it.
    is_asked_for: whether somebody asked for it and others run it.
    also: what else they have to meet.
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
    is_asked_for: bool | None = None
    name: str = ""
    creator: str = ""
    begun_since: datetime | None = None
    begun_until: datetime | None = None
    also: "TaskFilter | None" = None


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


async def spans_of(session: AsyncSession, task_id: str) -> list[Span]:
    """The attempts at its nodes that have ended."""
    statement = select(NodeRun.node_id, NodeRun.state, NodeRun.started_at, NodeRun.finished_at).where(
        col(NodeRun.task_id) == task_id, col(NodeRun.finished_at).is_not(None)
    )
    rows = await session.execute(statement)
    return [Span(node, NodeState(state), start, finish) for node, state, start, finish in rows]


async def clocked_among(session: AsyncSession, schedules: Collection[str]) -> frozenset[str]:
    """Ids of those that start one task only."""
    once = col(Schedule.id).in_(schedules), col(Schedule.cron).is_(None)
    return frozenset((await session.execute(select(Schedule.id).where(*once))).scalars())


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found = [col(Task.project_id) == wanted.project_id, *_origin(wanted), *_standing(wanted)]
    exactly = (
        (col(Task.created_by), wanted.executor),
        (col(Task.created_by), wanted.creator),
        (col(Task.name), wanted.name),
    )
    found += [column == value for column, value in exactly if value]
    if wanted.keyword:
        found.append(col(Task.name).icontains(wanted.keyword, autoescape=True))
    if wanted.flows is not None:
        found.append(col(Task.flow_id).in_(wanted.flows))
    return found if wanted.also is None else [*found, *_conditions(wanted.also)]


def _standing(wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    """How far they are, and when they were made and begun."""
    if wanted.is_started is not None:
        begun = col(Task.start_at).is_not(None)
        yield begun if wanted.is_started else ~begun
    if wanted.is_finished is not None:
        finished = col(Task.state) == TaskState.FINISHED.value
        yield finished if wanted.is_finished else ~finished
    for column, since, until in (
        (col(Task.created_at), wanted.since, wanted.until),
        (col(Task.started_at), wanted.begun_since, wanted.begun_until),
    ):
        if since is not None:
            yield column >= since
        if until is not None:
            yield column <= until


def _origin(wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.create_method is not None:
        yield _made(wanted.create_method)
    for kind, is_so in ((OriginKind.SUBPROCESS, wanted.is_child), (OriginKind.REQUEST, wanted.is_asked_for)):
        if is_so is not None:
            of_kind = col(Task.origin) == kind.value
            yield of_kind if is_so else ~of_kind


def _made(how: CreateMethod) -> ColumnElement[bool]:
    if how not in (CreateMethod.PERIODIC, CreateMethod.CLOCKED):
        return col(Task.origin).in_([kind.value for kind in ORIGINS[how]])
    once = col(Task.origin_id).in_(select(Schedule.id).where(col(Schedule.cron).is_(None)))
    return (col(Task.origin) == OriginKind.SCHEDULE.value) & (once if how is CreateMethod.CLOCKED else ~once)
