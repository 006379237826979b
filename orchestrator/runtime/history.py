"""A task's history in order: entries with rows of their own, and those that its node runs' rows tell.

That a node began to run and that it finished is what most entries say. A node run's row says it too, so there they are
but a number: see `orchestrator.runtime.entries`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.engine.states import NodeState
from orchestrator.runtime.codec import node_data
from orchestrator.runtime.models import NodeRun, Task, TaskEvent

NODE = "node"
_RUN: Any = (NodeRun.node_id, NodeRun.attempt, NodeRun.loop, NodeRun.started_at, NodeRun.finished_at)


@dataclass(frozen=True, slots=True)
class Entries:
    """Which entries of a history.

    Attributes:
        after: sequence of the last one that is not wanted any more.
        kind: task, node or operation; all when none.
    """

    after: int = 0
    kind: str | None = None
    node_id: str | None = None


async def entries_of(
    session: AsyncSession, task_id: str, wanted: Entries, limit: int | None = None
) -> Sequence[TaskEvent]:
    """In order; those that stand in node runs' rows are made for the caller."""
    found = await _own(session, task_id, wanted, limit)
    if wanted.kind is None or wanted.kind == NODE:
        for state, column in ((NodeState.RUNNING, NodeRun.begun_entry), (NodeState.FINISHED, NodeRun.finished_entry)):
            found += await _of_runs(session, task_id, wanted, limit, state, column)
    found.sort(key=lambda entry: entry.sequence)
    return found if limit is None else found[:limit]


async def last_entry(session: AsyncSession, task: Task) -> int:
    """Sequence of the newest entry; the task's row may lag behind those of its node runs."""
    numbers = [task.sequence]
    for column in (NodeRun.begun_entry, NodeRun.finished_entry):
        newest = select(column).where(col(NodeRun.task_id) == task.id, col(column).is_not(None))
        numbers += (await session.execute(newest.order_by(col(column).desc()).limit(1))).scalars()
    return max(numbers)


async def _own(session: AsyncSession, task_id: str, wanted: Entries, limit: int | None) -> list[TaskEvent]:
    statement = select(TaskEvent).where(col(TaskEvent.task_id) == task_id, col(TaskEvent.sequence) > wanted.after)
    if wanted.kind is not None:
        statement = statement.where(col(TaskEvent.kind) == wanted.kind)
    if wanted.node_id is not None:
        statement = statement.where(col(TaskEvent.node_id) == wanted.node_id)
    return list((await session.execute(statement.order_by(col(TaskEvent.sequence)).limit(limit))).scalars())


async def _of_runs(
    session: AsyncSession, task_id: str, wanted: Entries, limit: int | None, state: NodeState, column: Any
) -> list[TaskEvent]:
    statement = select(col(column), *_RUN).where(col(NodeRun.task_id) == task_id, col(column) > wanted.after)
    if wanted.node_id is not None:
        statement = statement.where(col(NodeRun.node_id) == wanted.node_id)
    rows = await session.execute(statement.order_by(col(column)).limit(limit))
    return [_entry(task_id, state, *row) for row in rows]


def _entry(
    task_id: str,
    state: NodeState,
    sequence: int,
    node: str,
    attempt: int,
    loop: int,
    started: datetime,
    finished: datetime,
) -> TaskEvent:
    until = finished if state is NodeState.FINISHED else None
    data = node_data(node, state.value, attempt, loop, started, until)
    return TaskEvent(task_id=task_id, sequence=sequence, at=until or started, kind=NODE, node_id=node, data=data)
