"""Tasks that a node of another one starts and waits for: each a task of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action
from kernel.db.database import after_commit
from kernel.errors import NotFound
from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.child_tasks import repository
from orchestrator.child_tasks.errors import NoWaitingNode, TooDeep
from orchestrator.child_tasks.models import ChildTask
from orchestrator.engine.states import TaskState
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.repository import find_run_with_owner, require_task
from orchestrator.tasks.service import TaskService

MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class ChildWish:
    """Attributes:
    callback_url: that of the attempt at the node that waits, which it proves to be.
    name, revision, schemes: see `LaunchRequest`.
    """

    flow_id: str
    inputs: Mapping[str, Any]
    callback_url: str
    name: str | None = None
    revision: int | None = None
    schemes: tuple[str, ...] = ()


class ChildTaskService:
    """Args:
    follow: says that there is another child, and whose.
    """

    def __init__(
        self, launches: LaunchService, tasks: TaskService, callbacks: CallbackService, follow: Callable[..., None]
    ) -> None:
        self._launches = launches
        self._tasks = tasks
        self._callbacks = callbacks
        self._follow = follow

    async def start(self, session: AsyncSession, principal: Principal, wish: ChildWish) -> Task:
        """A task in the project of the one that calls, for who launched that one, who may launch the flow himself: in
        whose name the node calls gives no right to call so in a task of its own.

        An attempt that follows one which failed with its child waits for that child, if it goes on meanwhile.

        Raises:
            NoWaitingNode: what calls is no attempt at a node of the task.
            TooDeep: too many tasks wait for one another already.
            PermissionDenied, NotFound, and what else `LaunchService.launch` raises.
        """
        run, parent = await self._waiting(session, principal, wish.callback_url)
        earlier = await repository.of_run(session, run.id)
        if earlier is not None:
            return await require_task(session, earlier.task_id)
        repaired = await repository.repaired(session, parent.id, run.node_id)
        if repaired is not None:
            repaired.run_id, repaired.told, repaired.settled = run.id, "", False
            after_commit(session, partial(self._follow, repaired.task_id, parent.id))
            return await require_task(session, repaired.task_id)
        outer = await repository.find_child(session, parent.id)
        depth = 1 if outer is None else outer.depth + 1
        if depth > MAX_DEPTH:
            raise TooDeep(f"{MAX_DEPTH} tasks wait for one another already: does a flow start itself?")
        request = LaunchRequest(
            wish.flow_id,
            wish.inputs,
            wish.name,
            wish.revision,
            schemes=wish.schemes,
            origin=Origin(OriginKind.SUBPROCESS, parent.id, parent.name),
            project=parent.project_id,
        )
        task_id = await self._launches.launch(session, replace(principal, id=parent.created_by), request)
        root_id = parent.id if outer is None else outer.root_id
        session.add(
            ChildTask(
                task_id=task_id, parent_id=parent.id, root_id=root_id, depth=depth, node_id=run.node_id, run_id=run.id
            )
        )
        await session.flush()
        after_commit(session, partial(self._follow, task_id, parent.id))
        return await require_task(session, task_id)

    async def standing(self, session: AsyncSession, principal: Principal, task_id: str) -> dict[str, Any]:
        """How a child stands, as its parent's node is told.

        Raises:
            NotFound: no child of the task that calls.
        """
        child = await repository.find_child(session, task_id)
        if child is None or child.parent_id != principal.task_id:
            raise NotFound(f"The task has no child {task_id!r}")
        parent = await require_task(session, child.parent_id)
        launcher = replace(principal, id=parent.created_by)
        return told_of(await self._tasks.require(session, launcher, task_id, Action.TASK_VIEW))

    async def _waiting(self, session: AsyncSession, principal: Principal, callback_url: str) -> tuple[NodeRun, Task]:
        remedy = "Start child tasks by the plugin subprocess_plugin"
        try:
            run_id = self._callbacks.run_of(callback_url.rpartition("/")[2])
        except NotFound:
            run_id = ""
        found = await find_run_with_owner(session, run_id)
        if found is None or not principal.task_id or found[0].task_id != principal.task_id:
            raise NoWaitingNode.field("callback_url", "is that of no node of the task that calls", remedy)
        return found[0], await require_task(session, principal.task_id)


def told_of(task: Task) -> dict[str, Any]:
    """What a parent is told of its child."""
    state = TaskState(task.state)
    error = "" if state is TaskState.FINISHED else f"task {task.name!r} ({task.id}) is {state}"
    return {"state": state.value, "outputs": masked(task.outputs or {}), "error": error}
