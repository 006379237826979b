"""How long a node took in the tasks of its template."""

from datetime import UTC
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.engine.states import NodeState
from orchestrator.flows.resources import used_flow_resource
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.sops.moments import elapsed
from orchestrator.sops.nodes.schemas import ExecutionTime

_MOST_TOLD: Final = 5
_MOST_TASKS: Final = 200
"""The newest are looked at: a node that none of them has reached is not told of."""


class NodeDurations:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def of_node(
        self, session: AsyncSession, principal: Principal, task: Task, node_id: str
    ) -> list[ExecutionTime]:
        """Of attempts that went well, the latest first, in tasks of the same template and project: of all, or of those
        the person launched where he may see no others.
        """
        if not task.flow_id:
            return []
        same = [col(Task.flow_id) == task.flow_id, col(Task.project_id) == task.project_id]
        place = used_flow_resource(task.flow_id, task.project_id, common=task.common)
        if not await self._authorizer.allows(session, principal, Action.TASK_VIEW, place):
            same.append(col(Task.created_by) == principal.id)
        tasks = select(Task.id).where(*same).order_by(col(Task.id).desc()).limit(_MOST_TASKS)
        statement = (
            select(NodeRun.started_at, NodeRun.finished_at)
            .where(
                col(NodeRun.task_id).in_(tasks),
                col(NodeRun.node_id) == node_id,
                col(NodeRun.state) == NodeState.FINISHED.value,
            )
            .order_by(col(NodeRun.finished_at).desc())
            .limit(_MOST_TOLD)
        )
        return [
            ExecutionTime(
                archived_time=finished.astimezone(UTC).isoformat(timespec="seconds"),
                elapsed_time=elapsed(started, finished, finished),
            )
            for started, finished in await session.execute(statement)
        ]
