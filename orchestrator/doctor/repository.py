"""The runtime's tables, as the examination reads and mends them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.doctor.findings import Seen, StoredTask
from orchestrator.engine.model import Run
from orchestrator.engine.states import ENDED, LIVE, NodeState
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.problems import FlowUnreadable
from orchestrator.runtime.models import (
    NodeCancellation,
    NodeRun,
    RuntimeWorker,
    Task,
    TaskDefinition,
    TaskEvent,
    TaskMessage,
)
from orchestrator.runtime.rows import AWAITS_LOCK

_ENDED = sorted(state.value for state in ENDED)
_LIVE = sorted(state.value for state in LIVE)
_TASK: Any = (
    Task.id,
    Task.project_id,
    Task.definition_id,
    Task.state,
    Task.progress,
    Task.counter,
    Task.sequence,
    Task.start_at,
    Task.started_at,
    Task.finished_at,
    Task.lease_owner,
    Task.fence,
)
_RUN: Any = (
    NodeRun.task_id,
    NodeRun.id,
    NodeRun.node_id,
    NodeRun.attempt,
    NodeRun.state,
    NodeRun.fork,
    NodeRun.started_at,
    NodeRun.step,
    NodeRun.due_at,
    NodeRun.finished_at,
    NodeRun.loop,
    NodeRun.begun_entry,
    NodeRun.finished_entry,
    NodeRun.awaits,
)


async def unended_after(session: AsyncSession, task_id: str, limit: int) -> list[Seen]:
    """The next tasks that have not ended, by id."""
    where = [col(Task.id) > task_id, col(Task.state).not_in(_ENDED)]
    return await _seen(session, where, limit)


async def these(session: AsyncSession, task_ids: Collection[str]) -> list[Seen]:
    return await _seen(session, [col(Task.id).in_(task_ids)], len(task_ids))


async def odd_ended(session: AsyncSession, limit: int) -> list[str]:
    """Ids of tasks that have ended and of which something is under way or to be looked at, or that have no date."""
    of_runs = (
        select(NodeRun.task_id)
        .join(Task, col(Task.id) == col(NodeRun.task_id))
        .where(col(Task.state).in_(_ENDED))
        .where(or_(col(NodeRun.state).in_(_LIVE), col(NodeRun.due_at).is_not(None)))
        .distinct()
        .limit(limit)
    )
    undated = select(Task.id).where(col(Task.state).in_(_ENDED), col(Task.finished_at).is_(None)).limit(limit)
    left = select(Task.id).where(col(Task.state).in_(_ENDED), col(Task.lease_owner).is_not(None)).limit(limit)
    found = [name for query in (of_runs, undated, left) for name in (await session.execute(query)).scalars()]
    return list(dict.fromkeys(found))[:limit]


async def definition(session: AsyncSession, name: str) -> dict[str, Any] | None:
    statement = select(TaskDefinition.document).where(col(TaskDefinition.id) == name)
    document: dict[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return document


async def graph(session: AsyncSession, name: str) -> Graph | None:
    """Of a definition; none when it is not stored, or can't be read."""
    document = await definition(session, name)
    if document is None:
        return None
    try:
        return Graph(read_flow(document))
    except FlowUnreadable:
        return None


async def workers(session: AsyncSession) -> dict[str, datetime]:
    """Id → until when it surely lives."""
    found = await session.execute(select(RuntimeWorker.id, RuntimeWorker.alive_until))
    return {row[0]: row[1] for row in found}


async def lost_messages(session: AsyncSession, limit: int) -> list[TaskMessage]:
    """Open messages to tasks that are not there."""
    statement = (
        select(TaskMessage)
        .where(col(TaskMessage.settled_at).is_(None), ~_has_task())
        .order_by(col(TaskMessage.id))
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def lost_messages_to(session: AsyncSession, task_ids: Collection[str]) -> list[TaskMessage]:
    statement = select(TaskMessage).where(
        col(TaskMessage.settled_at).is_(None), col(TaskMessage.task_id).in_(task_ids), ~_has_task()
    )
    return list((await session.execute(statement)).scalars())


async def open_messages(session: AsyncSession, task_id: str) -> Sequence[TaskMessage]:
    statement = select(TaskMessage).where(col(TaskMessage.task_id) == task_id, col(TaskMessage.settled_at).is_(None))
    return (await session.execute(statement)).scalars().all()


async def cancellations(
    session: AsyncSession, where: ColumnElement[bool], limit: int, task_ids: Collection[str] | None, *, hold: bool
) -> list[tuple[NodeCancellation, str]]:
    """Unsettled ones with the project of each, the first due first; of these tasks only, where any are given.

    Args:
        hold: for whoever changes them: nobody else does until the transaction ends.
    """
    statement = (
        select(NodeCancellation, func.coalesce(Task.project_id, ""))
        .outerjoin(Task, col(Task.id) == col(NodeCancellation.task_id))
        .where(col(NodeCancellation.due_at).is_not(None), where)
        .order_by(col(NodeCancellation.due_at), col(NodeCancellation.run_id))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if task_ids is not None:
        statement = statement.where(col(NodeCancellation.task_id).in_(task_ids))
    if hold:
        statement = statement.with_for_update(of=NodeCancellation)
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def somebody_tells(session: AsyncSession, workers: Collection[str], now: datetime) -> bool:
    """Whether one of the workers tells a plugin, and is to be over with it later."""
    statement = select(NodeCancellation.run_id).where(
        col(NodeCancellation.due_at).is_not(None),
        col(NodeCancellation.taken_by).in_(workers),
        col(NodeCancellation.taken_until) >= now,
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def lock_task(session: AsyncSession, task_id: str, fence: int) -> Task | None:
    """The task, if nobody took it since it was seen."""
    found = await session.get(Task, task_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.fence == fence else None


async def runs_of(session: AsyncSession, task_id: str, node_id: str | None = None) -> Sequence[NodeRun]:
    statement = select(NodeRun).where(col(NodeRun.task_id) == task_id).order_by(col(NodeRun.number))
    if node_id is not None:
        statement = statement.where(col(NodeRun.node_id) == node_id)
    return (await session.execute(statement)).scalars().all()


def _has_task() -> ColumnElement[bool]:
    return select(Task.id).where(col(Task.id) == col(TaskMessage.task_id)).exists()


async def _seen(session: AsyncSession, where: list[ColumnElement[bool]], limit: int) -> list[Seen]:
    rows = await session.execute(select(*_TASK).where(*where).order_by(col(Task.id)).limit(limit))
    tasks = [StoredTask(*row) for row in rows]
    names = [task.id for task in tasks]
    if not names:
        return []
    runs: dict[str, list[Run]] = {}
    in_line: dict[str, set[str]] = {}
    entries = await _by_task(session, func.max(TaskEvent.sequence), col(TaskEvent.task_id).in_(names), TaskEvent)
    statement = select(*_RUN).where(col(NodeRun.task_id).in_(names)).order_by(col(NodeRun.task_id), col(NodeRun.number))
    for row in await session.execute(statement):
        task_id, *of_run, begun, finished, awaits = row
        runs.setdefault(task_id, []).append(_run(of_run))
        entries[task_id] = max(entries.get(task_id, 0), begun or 0, finished or 0)
        if awaits == AWAITS_LOCK:
            in_line.setdefault(task_id, set()).add(of_run[0])
    unsettled = (col(TaskMessage.task_id).in_(names)) & col(TaskMessage.settled_at).is_(None)
    messages = await _by_task(session, func.min(TaskMessage.created_at), unsettled, TaskMessage)
    return [
        Seen(
            task,
            runs.get(task.id, []),
            entries.get(task.id, 0),
            messages.get(task.id),
            frozenset(in_line.get(task.id, ())),
        )
        for task in tasks
    ]


async def _by_task(
    session: AsyncSession, value: Any, where: ColumnElement[bool], table: type[TaskEvent] | type[TaskMessage]
) -> dict[str, Any]:
    statement = select(table.task_id, value).where(where).group_by(col(table.task_id))
    return {row[0]: row[1] for row in await session.execute(statement)}


def _run(row: Sequence[Any]) -> Run:
    name, node, attempt, state, fork, started, step, due, finished, loop = row
    kept = NodeState(state)
    return Run(
        name,
        node,
        attempt,
        kept,
        fork,
        started.timestamp(),
        step,
        kept is NodeState.RUNNING and step > 0,
        None if due is None else due.timestamp(),
        finished=None if finished is None else finished.timestamp(),
        loop=loop,
    )
