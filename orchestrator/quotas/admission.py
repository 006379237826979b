"""Which tasks may begin now: as many of each project as its quota lets run at once; the others wait in their order."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE, Alarm
from kernel.clock import Clock
from kernel.db.database import Database, after_commit
from kernel.looks import stillness_of
from orchestrator.quotas import repository
from orchestrator.quotas.call_quotas import CallQuotas
from orchestrator.quotas.errors import QuotaExceeded
from orchestrator.quotas.models import ProjectQuota
from orchestrator.runtime.wake_ups.wake import Wake

_MINUTE: Final = timedelta(minutes=1)
_SHORTEST_SECONDS: Final = 0.2
_LONGEST_SECONDS: Final = 5.0
"""Between two looks for room, when nothing of this process makes any."""


class Admission:
    """Counts and starts of one project follow each other, so that a quota is kept however many launch at once.

    Args:
        wake: tells the runtime that a task may begin.
        calls: told the quotas that workers keep.
    """

    def __init__(self, database: Database, clock: Clock, wake: Wake, calls: CallQuotas) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._calls = calls
        self._some_wait = False
        self._alarm = Alarm(
            "task admission",
            self._look,
            shortest=_SHORTEST_SECONDS,
            longest=_LONGEST_SECONDS,
            stillness=stillness_of(database),
        )

    def start(self) -> None:
        self._alarm.start()

    async def stop(self) -> None:
        await self._alarm.stop()

    def hear(self) -> None:
        """Tasks have moved on in this process: there may be room."""
        if self._some_wait:
            self._alarm.ring()

    async def let_launch(self, session: AsyncSession, project_id: str, *, begins: bool) -> bool:
        """Whether a new task of the project may begin now, if it is to; otherwise it is to wait.

        Raises:
            QuotaExceeded: the project has launched as many tasks within a minute as it may, or as many wait as may.
        """
        quota = await repository.quota_of(session, project_id)
        await self._check_rate(session, project_id, quota)
        return begins and await self._has_room(session, project_id, quota)

    async def may_begin(self, session: AsyncSession, project_id: str) -> bool:
        """Whether a task of the project may begin now; otherwise it is to wait.

        Raises:
            QuotaExceeded: as many wait already as may.
        """
        return await self._has_room(session, project_id, await repository.quota_of(session, project_id))

    async def _check_rate(self, session: AsyncSession, project_id: str, quota: ProjectQuota | None) -> None:
        most = quota.launches_per_minute if quota is not None else None
        if most is None:
            return
        await repository.lock_starts(session, project_id)
        now = self._clock.now()
        launched = await repository.launched_since(session, project_id, now - _MINUTE)
        if len(launched) >= most:
            again = launched[-most] + _MINUTE - now if most else _MINUTE
            seconds = max(1, int(again.total_seconds()) + 1)
            raise QuotaExceeded(
                f"The project has launched as many tasks within a minute as it may (launches_per_minute: {most}). "
                f"Launch again in {seconds} s, or have an administrator raise the quota",
                headers={"Retry-After": str(seconds)},
            )

    async def _has_room(self, session: AsyncSession, project_id: str, quota: ProjectQuota | None) -> bool:
        if quota is None or quota.running_tasks is None:
            return True
        await repository.lock_starts(session, project_id)
        waiting = await repository.count_queued(session, project_id)
        if not waiting and await repository.count_under_way(session, project_id) < quota.running_tasks:
            return True
        if quota.queued_tasks is not None and waiting >= quota.queued_tasks:
            raise QuotaExceeded(
                f"As many tasks of the project run (running_tasks: {quota.running_tasks}) and wait (queued_tasks: "
                f"{waiting}) as may. Wait until some have ended, revoke some, or have an administrator raise a quota",
                headers={"Retry-After": "60"},
            )
        after_commit(session, self.look)
        return False

    async def admit(self) -> int:
        """Has as many waiting tasks begin as there is room for; answers how many."""
        async with self._database.reading() as session:
            projects = await repository.projects_waiting(session)
            self._calls.read(await repository.all_quotas(session))
        self._some_wait = bool(projects)
        return sum([await self._admit_of(project_id) for project_id in projects])

    async def _admit_of(self, project_id: str) -> int:
        async with self._database.unit_of_work() as session:
            await repository.lock_starts(session, project_id)
            quota = await repository.quota_of(session, project_id)
            waiting = await repository.count_queued(session, project_id)
            room = waiting
            if quota is not None and quota.running_tasks is not None:
                room = max(0, quota.running_tasks - await repository.count_under_way(session, project_id))
            begun = await repository.next_waiting(session, project_id, min(room, waiting)) if room else []
            for task_id in begun:
                await repository.let_begin(session, task_id, self._clock.now())
        for task_id in begun:
            self._wake(task_id)
        return len(begun)

    async def _look(self) -> float:
        await self.admit()
        return NOTHING_DUE

    def look(self) -> None:
        """Quotas have changed, or a task has begun to wait."""
        self._some_wait = True
        self._alarm.ring()
