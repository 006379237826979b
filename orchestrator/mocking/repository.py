from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.engine.states import NodeState
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.tasks.origins import OriginKind

Recorded = tuple[str, str, datetime, dict[str, Any] | None]
"""Path of a node, its task, when it finished, its outputs."""


async def recorded_outputs(session: AsyncSession, flow_id: str, tasks: int, each: int) -> Sequence[Recorded]:
    """What nodes of the flow's newest tasks gave, the newest first, of each node the last ones.

    Not of mock runs, nor of tasks that other projects made of it as a common flow.
    """
    newest = (
        select(Task.id)
        .where(col(Task.flow_id) == flow_id, ~col(Task.common), col(Task.origin) != OriginKind.MOCK.value)
        .order_by(col(Task.id).desc())
        .limit(tasks)
    )
    place = func.row_number().over(partition_by=col(NodeRun.node_id), order_by=col(NodeRun.finished_at).desc())
    finished = (
        select(NodeRun.id, place.label("place"))
        .where(col(NodeRun.task_id).in_(newest), col(NodeRun.state) == NodeState.FINISHED.value)
        .where(col(NodeRun.outputs).is_not(None))
        .subquery()
    )
    statement = (
        select(NodeRun.node_id, NodeRun.task_id, NodeRun.finished_at, NodeRun.outputs)
        .join(finished, finished.c.id == col(NodeRun.id))
        .where(finished.c.place <= each)
        .order_by(col(NodeRun.node_id), finished.c.place)
    )
    return [(row.node_id, row.task_id, row.finished_at, row.outputs) for row in await session.execute(statement)]
