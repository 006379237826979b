from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from orchestrator.archive.models import ArchivedTask
from orchestrator.runtime.models import NodeLog, NodeRun, Task, TaskDefinition, TaskEvent, TaskMessage
from orchestrator.schedules.models import Schedule
from orchestrator.triggers.models import Trigger

_ASKING = select(TaskDefinition.id).where(cast(col(TaskDefinition.document), Text).contains('"writeOnly"'))
"""Definitions that ask for secrets somewhere."""
_ROWS: tuple[type[NodeRun | TaskEvent | TaskMessage | NodeLog], ...] = (NodeRun, TaskEvent, TaskMessage, NodeLog)


async def tasks_after(session: AsyncSession, task_id: str, limit: int) -> Sequence[Task]:
    """The next tasks whose definitions ask for secrets, by id."""
    statement = (
        select(Task)
        .where(col(Task.id) > task_id, col(Task.definition_id).in_(_ASKING))
        .order_by(col(Task.id))
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def archived_after(session: AsyncSession, task_id: str, limit: int) -> Sequence[ArchivedTask]:
    """As `tasks_after`, of the archive."""
    statement = (
        select(ArchivedTask)
        .where(col(ArchivedTask.id) > task_id, col(ArchivedTask.definition_id).in_(_ASKING))
        .order_by(col(ArchivedTask.id))
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def definition(session: AsyncSession, name: str) -> dict[str, Any]:
    statement = select(TaskDefinition.document).where(col(TaskDefinition.id) == name)
    document: dict[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return document or {}


async def outputs_of(session: AsyncSession, task_id: str) -> list[tuple[str, dict[str, Any] | None]]:
    """Path of each node that ran and what it gave."""
    statement = select(NodeRun.node_id, NodeRun.outputs).where(col(NodeRun.task_id) == task_id)
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def lock_task(session: AsyncSession, task_id: str) -> Task | None:
    return await session.get(Task, task_id, with_for_update=True, populate_existing=True)


async def rows_of(session: AsyncSession, task_id: str) -> list[SQLModel]:
    """Whatever belongs to a task and may hold what it was given."""
    found: list[SQLModel] = []
    for table in _ROWS:
        found += (await session.execute(select(table).where(col(table.task_id) == task_id))).scalars()
    return found


async def schedules(session: AsyncSession) -> Sequence[Schedule]:
    return (await session.execute(select(Schedule).order_by(col(Schedule.id)))).scalars().all()


async def triggers(session: AsyncSession) -> Sequence[Trigger]:
    """Those that start tasks."""
    statement = select(Trigger).where(col(Trigger.event) == "").order_by(col(Trigger.id))
    return (await session.execute(statement)).scalars().all()
