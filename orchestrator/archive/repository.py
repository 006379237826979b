from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, delete, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import SQLModel, col, select

from kernel.db.pages import PageOf, PageRequest, read_page
from orchestrator.archive.models import ArchivedTask, Retention
from orchestrator.archive.packing import Record
from orchestrator.child_tasks.models import ChildTask
from orchestrator.engine.states import ENDED, LIVE
from orchestrator.runtime.history import Entries, entries_of
from orchestrator.runtime.models import (
    NodeCall,
    NodeCancellation,
    NodeLog,
    NodeRun,
    Task,
    TaskDefinition,
    TaskEvent,
    TaskMessage,
)
from orchestrator.secret_inputs.models import SecretInput

_ENDED: Final = sorted(state.value for state in ENDED)
_LIVE: Final = sorted(state.value for state in LIVE)


async def retentions(session: AsyncSession) -> Sequence[Retention]:
    return (await session.execute(select(Retention))).scalars().all()


async def archivable(
    session: AsyncSession, ended_before: datetime, *, of: str | None, but: Collection[str], limit: int
) -> list[str]:
    """Ids of tasks that ended before a time and of which nothing works or waits any more, the first ended first.

    Args:
        of: only those of this project.
        but: none of these projects.
    """
    live = select(NodeRun.id).where(col(NodeRun.task_id) == col(Task.id), col(NodeRun.state).in_(_LIVE)).exists()
    asked = select(TaskMessage.id).where(col(TaskMessage.task_id) == col(Task.id), _unsettled()).exists()
    cancelling = (
        select(NodeCancellation.run_id)
        .where(col(NodeCancellation.task_id) == col(Task.id), col(NodeCancellation.due_at).is_not(None))
        .exists()
    )
    statement = (
        select(Task.id)
        .where(col(Task.finished_at) < ended_before, col(Task.state).in_(_ENDED), col(Task.lease_owner).is_(None))
        .where(or_(col(Task.told).is_(None), col(Task.told) == col(Task.state)), ~live, ~asked, ~cancelling)
        .order_by(col(Task.finished_at))
        .limit(limit)
    )
    if of is not None:
        statement = statement.where(col(Task.project_id) == of)
    elif but:
        statement = statement.where(col(Task.project_id).not_in(but))
    return list((await session.execute(statement)).scalars())


async def read(session: AsyncSession, task_id: str) -> tuple[Task, Record] | None:
    """The task as its rows have it."""
    task = await session.get(Task, task_id)
    if task is None:
        return None
    runs = await _rows(session, NodeRun, col(NodeRun.task_id) == task_id, NodeRun.number)
    of_runs = select(NodeRun.id).where(col(NodeRun.task_id) == task_id)
    return task, Record(
        task.model_dump(),
        runs,
        [entry.model_dump() for entry in await entries_of(session, task_id, Entries())],
        await _rows(session, NodeCall, col(NodeCall.run_id).in_(of_runs), NodeCall.id),
        await _rows(session, NodeLog, col(NodeLog.run_id).in_(of_runs), NodeLog.id),
        await _rows(session, TaskMessage, col(TaskMessage.task_id) == task_id, TaskMessage.id),
        await _rows(session, NodeCancellation, col(NodeCancellation.task_id) == task_id, NodeCancellation.run_id),
    )


async def remove(session: AsyncSession, task: Task) -> bool:
    """Deletes the rows of a task, and its secrets; false when it has changed since it was read."""
    gone = await _delete(
        session,
        Task,
        (col(Task.id) == task.id)
        & (col(Task.fence) == task.fence)
        & (col(Task.sequence) == task.sequence)
        & col(Task.lease_owner).is_(None),
    )
    if not gone:
        return False
    of_runs = select(NodeRun.id).where(col(NodeRun.task_id) == task.id)
    await _delete(session, NodeCall, col(NodeCall.run_id).in_(of_runs))
    await _delete(session, NodeLog, col(NodeLog.run_id).in_(of_runs))
    await _delete(session, NodeRun, col(NodeRun.task_id) == task.id)
    await _delete(session, NodeCancellation, col(NodeCancellation.task_id) == task.id)
    await _delete(session, TaskEvent, col(TaskEvent.task_id) == task.id)
    await _delete(session, TaskMessage, col(TaskMessage.task_id) == task.id)
    await _delete(session, ChildTask, col(ChildTask.task_id) == task.id)
    await _delete(session, SecretInput, col(SecretInput.owner) == task.id)
    return True


async def list_archived(session: AsyncSession, where: ColumnElement[bool], page: PageRequest) -> PageOf[ArchivedTask]:
    """The newest first, without their records."""
    statement = select(ArchivedTask).where(where).options(defer(cast("Any", ArchivedTask.record)))
    return await read_page(session, statement, col(ArchivedTask.id), page, newest_first=True)


async def find_archived(session: AsyncSession, task_id: str) -> ArchivedTask | None:
    statement = select(ArchivedTask).where(col(ArchivedTask.id) == task_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def when_archived(session: AsyncSession, task_id: str) -> datetime | None:
    statement = select(ArchivedTask.archived_at).where(col(ArchivedTask.id) == task_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def removable(
    session: AsyncSession, archived_before: datetime, *, of: str | None, but: Collection[str], limit: int
) -> list[str]:
    """Ids of tasks that came to the archive before a time, the first first; `of`, `but` as in `archivable`."""
    statement = (
        select(ArchivedTask.id)
        .where(col(ArchivedTask.archived_at) < archived_before)
        .order_by(col(ArchivedTask.archived_at))
        .limit(limit)
    )
    if of is not None:
        statement = statement.where(col(ArchivedTask.project_id) == of)
    elif but:
        statement = statement.where(col(ArchivedTask.project_id).not_in(but))
    return list((await session.execute(statement)).scalars())


async def take_out(session: AsyncSession, task_id: str) -> ArchivedTask | None:
    """Removes a task from the archive; answers it as it was, without its record, or none when it is gone."""
    chosen = select(ArchivedTask).where(col(ArchivedTask.id) == task_id)
    chosen = chosen.options(defer(cast("Any", ArchivedTask.record)))
    row = (await session.execute(chosen)).scalar_one_or_none()
    if row is None:
        return None
    session.expunge(row)
    return row if await _delete(session, ArchivedTask, col(ArchivedTask.id) == task_id) else None


async def definition(session: AsyncSession, name: str) -> dict[str, Any]:
    statement = select(TaskDefinition.document).where(col(TaskDefinition.id) == name)
    document: dict[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return document or {}


def _unsettled() -> ColumnElement[bool]:
    return col(TaskMessage.settled_at).is_(None)


async def _rows(
    session: AsyncSession, table: type[SQLModel], where: ColumnElement[bool], order: Any
) -> list[dict[str, Any]]:
    found = (await session.execute(select(table).where(where).order_by(col(order)))).scalars()
    return [row.model_dump() for row in found]


async def _delete(session: AsyncSession, table: type[SQLModel], where: ColumnElement[bool]) -> bool:
    statement = delete(table).where(where).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount > 0
