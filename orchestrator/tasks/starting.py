"""Tasks that were made and not started yet."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.db.database import after_commit
from kernel.principal import Principal
from orchestrator.quotas.admission import Admission
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.tasks import repository
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.service import TaskService


class StartService:
    """By `task.operate`, which a launcher always has on his own task."""

    def __init__(self, tasks: TaskService, admission: Admission, clock: Clock, wake: Wake) -> None:
        self._tasks = tasks
        self._admission = admission
        self._clock = clock
        self._wake = wake

    async def start(self, session: AsyncSession, principal: Principal, task_id: str) -> None:
        """Lets the task begin; once committed its owner is told.

        Raises:
            IllegalOperation: it was started before, or has ended.
            QuotaExceeded: a quota of its project holds it, and as many wait already as may.
        """
        task = await self._tasks.require(session, principal, task_id, Action.TASK_OPERATE)
        may_begin = await self._admission.may_begin(session, task.project_id)
        let_begin = repository.let_begin if may_begin else repository.let_wait
        if not await let_begin(session, task.id, self._clock.now()):
            standing = "was started already" if task.state == "CREATED" else f"is {task.state}"
            raise IllegalOperation(f"a task that {standing} cannot be started")
        record(session, principal, "task.started", "task", task.id, project_id=task.project_id, task_id=task.id)
        if may_begin:
            after_commit(session, lambda: self._wake(task.id))
