"""What happens when a schedule is due.

The task, the row that tells of it and the next time stand in one transaction, so that a process that dies leaves all of
it or nothing, and of several processes one does it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database, after_commit
from kernel.ids import new_id
from kernel.principal import system_principal
from orchestrator.launch.absent import MOST_REFUSALS, AbsentLaunch, Refused, Started
from orchestrator.launch.requests import LaunchRequest
from orchestrator.notices.owners import OwnerNotices
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.schedules import repository
from orchestrator.schedules.models import Schedule, ScheduleRun
from orchestrator.schedules.overlap import MOST_QUEUED, Overlap, Way, way_of
from orchestrator.schedules.times import Missed, Times, plan
from orchestrator.tasks.origins import Origin, OriginKind

_log = structlog.get_logger()
_AT_ONCE: Final = 100
_PART: Final = system_principal("schedules")
_RETRY_SECONDS: Final = 5.0
_FAR: Final = 86_400.0


class ScheduleFiring:
    """Args:
    wake: tells the runtime that a task has something to do.
    """

    def __init__(
        self, database: Database, absent: AbsentLaunch, owners: OwnerNotices, clock: Clock, wake: Wake
    ) -> None:
        self._database = database
        self._absent = absent
        self._owners = owners
        self._clock = clock
        self._wake = wake

    async def fire_due(self) -> float:
        """Starts what is due; answers the seconds until the next is."""
        now = self._clock.now()
        async with self._database.reading() as session:
            due = await repository.due_schedules(session, now, _AT_ONCE)
            queued = await repository.queued_schedules(session, _AT_ONCE)
            following = await repository.first_due(session)
        troubled = [await self._alone(self._fire, schedule_id) for schedule_id in due]
        troubled += [await self._alone(self._go_on, schedule_id) for schedule_id in queued]
        if due or any(troubled):
            return _RETRY_SECONDS if any(troubled) else 0.0
        return _FAR if following is None else max(0.0, (following - now).total_seconds())

    async def run_now(self, session: AsyncSession, schedule: Schedule, by: str) -> ScheduleRun:
        """Starts one beside the times; those that are due stay."""
        now = self._clock.now()
        return await self._start(
            session, schedule, ScheduleRun(schedule_id=schedule.id, due_at=now, at=now, outcome="", by=by)
        )

    async def _alone(self, action: Callable[[AsyncSession, str], Awaitable[None]], schedule_id: str) -> bool:
        """What one schedule provokes must not stop the others; answers whether it has to be tried again."""
        try:
            async with self._database.unit_of_work() as session:
                await action(session, schedule_id)
        except Exception as error:  # noqa: BLE001  whatever it is, it is rolled back and comes again
            _log.error("schedule_failed", schedule=schedule_id, exc_info=error)
            return True
        return False

    async def _fire(self, session: AsyncSession, schedule_id: str) -> None:
        now = self._clock.now()
        schedule = await repository.take_due(session, schedule_id, now)
        if schedule is None or schedule.next_at is None:
            return
        first = schedule.next_at
        planned = plan(times_of(schedule), first, now, Missed(schedule.missed))
        schedule.next_at = planned.next_at
        missed, *runs = _runs(schedule, (first, *planned.starts), now)
        if planned.missed:
            missed.outcome, missed.count = "missed", planned.missed
            missed.reason = "nobody was there to start it" + ("" if planned.is_exact else "; too many to count")
            session.add(missed)
        if schedule.cron is None and not planned.starts:
            schedule.state = "start_failed"
        for run in runs:
            if schedule.enabled:
                await self._start_or_not(session, schedule, run)

    async def _start_or_not(self, session: AsyncSession, schedule: Schedule, run: ScheduleRun) -> None:
        overlap = Overlap(schedule.overlap)
        going = [] if overlap is Overlap.ALLOW else await repository.tasks_under_way(session, schedule.id)
        waiting = len(await repository.queued_runs(session, schedule.id)) if overlap is Overlap.QUEUE else 0
        match way_of(overlap, len(going), waiting):
            case Way.START:
                await self._start(session, schedule, run)
            case Way.REPLACE:
                self._revoke(session, schedule, going, run.at)
                await self._start(session, schedule, run)
            case Way.WAIT:
                run.outcome, run.reason = "queued", "waits for the task before it"
                session.add(run)
            case Way.SKIP:
                still = f"task {going[0]} still goes on" if overlap is Overlap.SKIP else f"{MOST_QUEUED} wait already"
                run.outcome, run.reason = "skipped", still
                session.add(run)

    async def _go_on(self, session: AsyncSession, schedule_id: str) -> None:
        """Starts what waits in the queue, once nothing goes on."""
        schedule = await repository.require_schedule(session, schedule_id, lock=True)
        runs = await repository.queued_runs(session, schedule_id)
        if not schedule.enabled:
            for run in runs:
                run.outcome, run.reason = "skipped", "the schedule was switched off"
        elif runs and not await repository.tasks_under_way(session, schedule_id):
            await self._start(session, schedule, runs[0])

    async def _start(self, session: AsyncSession, schedule: Schedule, run: ScheduleRun) -> ScheduleRun:
        request = LaunchRequest(
            schedule.flow_id,
            schedule.inputs,
            schedule.name,
            schedule.revision,
            leave_out=tuple(schedule.leave_out),
            schemes=tuple(schedule.schemes),
            held_by=schedule.id,
            origin=Origin(OriginKind.SCHEDULE, schedule.id, schedule.name),
            project=schedule.project_id if schedule.common else None,
        )
        outcome = await self._absent.launch(session, schedule.owner, request)
        match outcome:
            case Started(task_id):
                run.outcome, run.reason, run.task_id = "started", "", task_id
                schedule.refusals = 0
            case Refused(reason):
                run.outcome, run.reason = "refused", reason
                await self._refused(session, schedule, reason)
        if schedule.cron is None and not run.by:
            schedule.state = "started" if run.task_id is not None else "start_failed"
        session.add(run)
        after = {"outcome": run.outcome, "due_at": run.due_at.isoformat(), "task": run.task_id}
        record(
            session, _PART, "schedule.fired", "schedule", schedule.id, after=after,
            project_id=schedule.project_id, task_id=run.task_id,
        )  # fmt: skip
        return run

    async def _refused(self, session: AsyncSession, schedule: Schedule, reason: str) -> None:
        schedule.refusals += 1
        if schedule.refusals >= MOST_REFUSALS and schedule.enabled:
            schedule.enabled, schedule.next_at = False, None
            schedule.stopped_because = f"{MOST_REFUSALS} starts in a row were refused: {reason}"[:500]
            record(
                session, _PART, "schedule.stopped", "schedule", schedule.id,
                after={"refusals": schedule.refusals}, project_id=schedule.project_id,
            )  # fmt: skip
        await self._owners.refused(session, schedule, "schedules", reason, self._clock.now())

    def _revoke(self, session: AsyncSession, schedule: Schedule, tasks: Sequence[str], now: datetime) -> None:
        for task_id in tasks:
            message = TaskMessage(id=new_id(), task_id=task_id, kind="revoke", actor=schedule.owner, created_at=now)
            session.add(message)
            record(
                session, _PART, "task.revoke_requested", "task", task_id,
                after={"operation": "revoke", "schedule": schedule.id}, project_id=schedule.project_id, task_id=task_id,
            )  # fmt: skip
            after_commit(session, partial(self._wake, task_id))


def times_of(schedule: Schedule) -> Times:
    return Times(schedule.cron, schedule.time_zone, schedule.start_at, schedule.end_at)


def _runs(schedule: Schedule, due: Sequence[datetime], now: datetime) -> list[ScheduleRun]:
    """One for each time, with ids in their order however many are made in one millisecond."""
    ids = sorted(new_id() for _ in due)
    return [
        ScheduleRun(id=run_id, schedule_id=schedule.id, due_at=due_at, at=now, outcome="")
        for run_id, due_at in zip(ids, due, strict=True)
    ]
