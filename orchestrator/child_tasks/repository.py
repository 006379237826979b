from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from orchestrator.child_tasks.models import ChildTask
from orchestrator.child_tasks.steps import REPAIRED, Standing
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.runtime.models import NodeRun, Task

MOST: Final = 1000
"""Children looked at in one go."""


@dataclass(frozen=True, slots=True)
class Followed:
    child: ChildTask
    standing: Standing


async def unsettled(session: AsyncSession, after: str) -> Sequence[Followed]:
    """Children with something to tell or to pass on yet, in the order of their ids."""
    statement = _followed().where(~col(ChildTask.settled), col(ChildTask.task_id) > after)
    rows = await session.execute(statement.order_by(col(ChildTask.task_id)).limit(MOST))
    return [_read(*row) for row in rows]


async def take(session: AsyncSession, task_id: str) -> Followed | None:
    """The child, held until the transaction ends; none when another process holds it or has settled it."""
    statement = _followed().where(col(ChildTask.task_id) == task_id, ~col(ChildTask.settled))
    held = statement.with_for_update(of=ChildTask, skip_locked=True).execution_options(populate_existing=True)
    row = (await session.execute(held)).one_or_none()
    return None if row is None else _read(*row)


async def find_child(session: AsyncSession, task_id: str) -> ChildTask | None:
    return await session.get(ChildTask, task_id)


async def of_run(session: AsyncSession, run_id: str) -> ChildTask | None:
    """The child that an attempt at a node waits for."""
    statement = select(ChildTask).where(col(ChildTask.run_id) == run_id)
    return (await session.execute(statement)).scalars().first()


async def repaired(session: AsyncSession, parent_id: str, node_id: str) -> ChildTask | None:
    """The child that an attempt at the node failed with, and that went on afterwards."""
    statement = select(ChildTask).where(
        col(ChildTask.parent_id) == parent_id, col(ChildTask.node_id) == node_id, col(ChildTask.told) == REPAIRED
    )
    return (await session.execute(statement.with_for_update())).scalars().first()


@cache
def _followed() -> Any:
    """Made once: an alias costs more than the look it is made for."""
    child, parent = aliased(Task), aliased(Task)
    return (
        select(ChildTask, child.state, parent.state, NodeRun.state)
        .join(child, col(child.id) == col(ChildTask.task_id))
        .join(parent, col(parent.id) == col(ChildTask.parent_id))
        .join(NodeRun, col(NodeRun.id) == col(ChildTask.run_id))
    )


def _read(row: ChildTask, child: str, parent: str, run: str) -> Followed:
    return Followed(row, Standing(TaskState(child), TaskState(parent), NodeState(run), row.told, row.passed))
