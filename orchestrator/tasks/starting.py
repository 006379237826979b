"""Tasks that were made and not started yet."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.db.database import after_commit
from kernel.principal import Principal
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.tasks import repository
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.service import TaskService


class StartService:
    """By `task.operate`, which a launcher always has on his own task."""

    def __init__(self, tasks: TaskService, clock: Clock, wake: Wake) -> None:
        self._tasks = tasks
        self._clock = clock
        self._wake = wake

    async def start(self, session: AsyncSession, principal: Principal, task_id: str) -> None:
        """Lets the task begin; once committed its owner is told.

        Raises:
            IllegalOperation: it was started before, or has ended.
        """
        task = await self._tasks.require(session, principal, task_id, Action.TASK_OPERATE)
        if not await repository.let_begin(session, task.id, self._clock.now()):
            standing = "was started already" if task.state == "CREATED" else f"is {task.state}"
            raise IllegalOperation(f"a task that {standing} cannot be started")
        record(session, principal, "task.started", "task", task.id, project_id=task.project_id, task_id=task.id)
        after_commit(session, lambda: self._wake(task.id))
