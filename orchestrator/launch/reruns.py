"""Run a task again from one of its nodes, of the same revision or of a corrected one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.engine.states import LIVE, NodeState, TaskState
from orchestrator.flow.document import read_flow
from orchestrator.launch.errors import TaskUnderWay
from orchestrator.launch.forms import launch_form
from orchestrator.launch.requests import Continuation, LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.runtime.models import NodeRun
from orchestrator.secret_inputs.service import kept_where_hidden
from orchestrator.tasks import repository
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.service import TaskDetails, TaskService, current_inputs

_STILL = frozenset({TaskState.FINISHED, TaskState.FAILED, TaskState.REVOKED})


@dataclass(frozen=True, slots=True)
class Rerun:
    """Attributes:
    name, inputs, revision, leave_out: none for those of the earlier task.
    key: as of a launch.
    """

    node: str
    name: str | None = None
    inputs: Mapping[str, Any] | None = None
    revision: int | None = None
    leave_out: tuple[str, ...] | None = None
    key: str | None = None


class RerunService:
    """It passes over nodes, which is a change: who launched the task may do so only by a role (decision 0007)."""

    def __init__(self, tasks: TaskService, launches: LaunchService) -> None:
        self._tasks = tasks
        self._launches = launches

    async def rerun(self, session: AsyncSession, principal: Principal, task_id: str, wanted: Rerun) -> str:
        """Returns:
            The id of the new task.

        Raises:
            TaskUnderWay: something of the task still works, or is held.
            NotFound: the task ran a plugin alone.
            PermissionDenied: no role to operate the task, or none to launch the flow.
            NodesRefused, and what else `LaunchService.launch` raises.
        """
        task = await self._tasks.require(session, principal, task_id, Action.TASK_OPERATE)
        await self._tasks.require_role(session, principal, task, Action.TASK_OPERATE)
        if not task.flow_id:
            raise NotFound("The task ran a plugin alone: there is no flow to run again")
        details = await self._tasks.details(session, task)
        _require_still(details)
        earlier = read_flow(details.definition)
        leave_out = wanted.leave_out
        if leave_out is None:
            leave_out = tuple(sorted(earlier.left_out))
        inputs = current_inputs(task)
        if wanted.inputs is not None:
            inputs = kept_where_hidden(launch_form(details.definition).schema, wanted.inputs, inputs)
        request = LaunchRequest(
            task.flow_id,
            inputs,
            wanted.name or task.name,
            task.revision if wanted.revision is None else wanted.revision,
            wanted.key,
            leave_out,
            continues=Continuation(
                task.id,
                wanted.node,
                await repository.ended_at(session, task.id),
                await repository.entered_around(session, task.id, wanted.node),
                earlier.project_variables,
            ),
            held_by=task.id,
            origin=Origin(OriginKind.RERUN, task.id, task.name),
            project=task.project_id if task.common else None,
        )
        return await self._launches.launch(session, principal, request)


def _require_still(details: TaskDetails) -> None:
    busy = sorted(node for node, run in details.runs.items() if run.state in LIVE and not _only_holds(run))
    if details.task.state not in _STILL or busy:
        still = f"{', '.join(busy[:5])} still at work" if busy else f"the task is {details.task.state}"
        raise TaskUnderWay(f"It can be run again when nothing of it works: {still}. Revoke it, or wait")


def _only_holds(run: NodeRun) -> bool:
    """A subflow or loop works by what is inside it alone."""
    return run.state == NodeState.RUNNING and not run.step
