"""Keeps child tasks and the nodes that wait for them together: what becomes of the one is told to the other."""

from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE, Alarm
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database, after_commit
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.looks import stillness_of
from kernel.principal import system_principal
from orchestrator.child_tasks import repository
from orchestrator.child_tasks.models import ChildTask
from orchestrator.child_tasks.repository import Followed
from orchestrator.child_tasks.service import told_of
from orchestrator.child_tasks.steps import REPAIRED, Step, step_of
from orchestrator.engine.states import TaskState
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.tasks.callbacks import CallbackService, CallbackTooLate
from orchestrator.tasks.repository import require_task

_PART: Final = system_principal("child tasks")
_SHORTEST_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 10.0
"""Between two looks, when nothing happens in this process."""


class ChildFollowing:
    """Args:
    wake: tells the runtime that a task has something to do.
    """

    def __init__(self, database: Database, callbacks: CallbackService, clock: Clock, wake: Wake) -> None:
        self._database = database
        self._callbacks = callbacks
        self._clock = clock
        self._wake = wake
        self._known: frozenset[str] = frozenset()
        self._alarm = Alarm(
            "child tasks",
            self.look,
            shortest=_SHORTEST_SECONDS,
            longest=_LONGEST_SECONDS,
            stillness=stillness_of(database),
        )

    def start(self) -> None:
        self._alarm.start()

    async def stop(self) -> None:
        await self._alarm.stop()

    def follow(self, *tasks: str) -> None:
        """There is another child: it and its parent are listened to from now on."""
        self._known |= frozenset(tasks)
        self._alarm.ring()

    def hear(self, task_id: str) -> None:
        """Something of the task became durable in this process."""
        if task_id in self._known:
            self._alarm.ring()

    async def look(self) -> float:
        """Does what is to be done; answers the seconds until the next look."""
        before = self._known
        found = await self._unsettled()
        following = frozenset(name for each in found for name in (each.child.task_id, each.child.parent_id))
        # What was begun while this looked stays listened to; what another process began is looked at once more, since
        # nothing was heard of it before.
        self._known = following | (self._known - before)
        for each in found:
            if step_of(each.standing) is not None:
                async with self._database.unit_of_work() as session:
                    await self._act(session, each.child.task_id)
        return NOTHING_DUE if following <= before else _SHORTEST_SECONDS

    async def _unsettled(self) -> list[Followed]:
        found: list[Followed] = []
        async with self._database.reading() as session:
            while part := await repository.unsettled(session, found[-1].child.task_id if found else ""):
                found += part
                if len(part) < repository.MOST:
                    break
        return found

    async def _act(self, session: AsyncSession, task_id: str) -> None:
        followed = await repository.take(session, task_id)
        step = None if followed is None else step_of(followed.standing)
        if followed is None or step is None:
            return
        child = followed.child
        match step:
            case Step.TELL:
                await self._tell(session, child)
            case Step.REPAIR:
                child.told = REPAIRED
                self._ask(session, child, child.parent_id, step, "retry", child.node_id)
            case Step.REVOKE:
                child.passed = TaskState.REVOKED.value
                self._ask(session, child, child.task_id, step, "revoke")
            case Step.PAUSE:
                child.passed = TaskState.SUSPENDED.value
                self._ask(session, child, child.task_id, step, "pause")
            case Step.RESUME:
                child.passed = ""
                self._ask(session, child, child.task_id, step, "resume")
            case Step.SETTLE:
                child.settled = True

    async def _tell(self, session: AsyncSession, child: ChildTask) -> None:
        task = await require_task(session, child.task_id)
        child.told = task.state
        try:
            await self._callbacks.receive(session, child.run_id, told_of(task))
        except (NotFound, CallbackTooLate):
            return

    def _ask(
        self, session: AsyncSession, child: ChildTask, task_id: str, step: Step, kind: str, node_id: str | None = None
    ) -> None:
        """Asks a task's owner for an operation; one that is not legal any more is refused by him."""
        now = self._clock.now()
        session.add(
            TaskMessage(id=new_id(), task_id=task_id, kind=kind, node_id=node_id, actor=_PART.id, created_at=now)
        )
        after = {"operation": kind, "because": step.value, "parent": child.parent_id, "child": child.task_id}
        record(session, _PART, f"task.{kind}_requested", "task", task_id, after=after, task_id=task_id)
        after_commit(session, partial(self._wake, task_id))
