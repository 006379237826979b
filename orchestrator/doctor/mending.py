"""Mends what an examination found, task by task, each in the caller's transaction and with an audit record."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.doctor import repository
from orchestrator.doctor.cancellations import ask_for, mend_overdue
from orchestrator.doctor.examining import Examiner
from orchestrator.doctor.findings import Finding
from orchestrator.doctor.judging import state_of
from orchestrator.engine.invariants import Invariant, status_of_nodes
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import StepNode
from orchestrator.runtime.models import NodeRun, Task, TaskEvent, TaskMessage
from orchestrator.runtime.rows import AWAITS_LOCK
from orchestrator.runtime.store import NOBODY

_LIVE = frozenset(state.value for state in LIVE)
_ENDED = frozenset(state.value for state in ENDED)
_UNLIMITED = frozenset({NodeState.RETRYING.value, NodeState.WAITING_LOCK.value, NodeState.SUSPENDED.value})
_HOPELESS = frozenset({Invariant.DEFINITION_READABLE, Invariant.NODE_IN_FLOW})
"""No worker can read such a task."""


class Mender:
    """Takes a task from whoever owns it before it changes anything: what an owner still writes is refused.

    Args:
        wake: tells the runtime that a task has something to do.
        cancelling: told that plugins are to be told that node runs are wanted no more.
    """

    def __init__(
        self, examiner: Examiner, clock: Clock, wake: Callable[[str], None], cancelling: Callable[[], None]
    ) -> None:
        self._examiner = examiner
        self._clock = clock
        self._wake = wake
        self._cancelling = cancelling

    async def mend(self, session: AsyncSession, principal: Principal, told: Sequence[Finding]) -> list[Finding]:
        """Mends those of the findings that are still so.

        Returns:
            What was mended.
        """
        wanted = {(finding.invariant, finding.task_id, finding.node_id) for finding in told}
        mended = await self._settle_lost(session, principal, told)
        of_task: dict[str, list[Finding]] = {}
        for finding in await self._examiner.look_at(session, {finding.task_id for finding in told}):
            if (finding.invariant, finding.task_id, finding.node_id) in wanted:
                of_task.setdefault(finding.task_id, []).append(finding)
        for task_id, findings in of_task.items():
            if await self._mend_task(session, principal, task_id, findings):
                mended += findings
        # Last: as workers write it, what belongs to a task is changed after the task.
        if late := await mend_overdue(session, principal, await self._examiner.moment(session), told):
            after_commit(session, self._cancelling)
            mended += late
        return mended

    async def _mend_task(
        self, session: AsyncSession, principal: Principal, task_id: str, findings: list[Finding]
    ) -> bool:
        task = await repository.lock_task(session, task_id, findings[0].fence)
        if task is None:
            return False
        before = task.state
        task.fence += 1
        task.lease_owner = NOBODY
        broken = {finding.invariant for finding in findings}
        await self._count_on(session, task)  # it may be at rest afterwards, with no worker that counted
        if broken & _HOPELESS:
            await self._close(session, task)
        else:
            await self._put_right(session, principal, task, findings)
        if Invariant.END_DATED in broken:
            task.finished_at = (task.finished_at or self._clock.now()) if task.state in _ENDED else None
        record(
            session,
            principal,
            "task.mended",
            "task",
            task.id,
            before={"state": before, "broken": [_told(finding) for finding in findings]},
            after={"state": task.state, "mended": sorted({finding.mend for finding in findings})},
            project_id=task.project_id,
            task_id=task.id,
        )
        after_commit(session, lambda: self._wake(task_id))
        return True

    async def _put_right(
        self, session: AsyncSession, principal: Principal, task: Task, findings: Iterable[Finding]
    ) -> None:
        revoked = False
        for finding in findings:
            match finding.invariant:
                case Invariant.STATE_FITS_NODES:
                    revoked = await self._fit(session, task) or revoked
                case Invariant.TOKEN_KEPT:
                    revoked = True
                case Invariant.WAIT_ENDS:
                    await self._set_time(session, task, finding.node_id)
                case Invariant.DUE_ONLY_UNDER_WAY:
                    for run in await repository.runs_of(session, task.id, finding.node_id):
                        run.due_at = run.due_at if run.state in _LIVE else None
                case _:
                    pass
        if revoked and task.state not in _ENDED:
            message = TaskMessage(
                id=new_id(), task_id=task.id, kind="revoke", actor=principal.id, created_at=self._clock.now()
            )
            session.add(message)

    async def _fit(self, session: AsyncSession, task: Task) -> bool:
        """Gives the task the state of its nodes; true when they tell none, so that it is to be revoked."""
        if task.state in _ENDED:
            await self._end_runs(session, task)
            task.progress = None
            return False
        (seen,) = await repository.these(session, [task.id])
        status = status_of_nodes(state_of(seen))
        if status is None:
            return True
        self._become(session, task, status)
        return False

    async def _close(self, session: AsyncSession, task: Task) -> None:
        """Ends a task by its rows alone: no worker could read what it is still sent."""
        await self._end_runs(session, task)
        for message in await repository.open_messages(session, task.id):
            message.settled_at, message.reason = self._clock.now(), "the task was ended: it could not go on"
        task.lease_owner = None
        task.progress = None
        task.start_at = task.start_at or self._clock.now()
        if task.state not in _ENDED:
            self._become(session, task, TaskState.REVOKED)
            task.finished_at = self._clock.now()

    async def _end_runs(self, session: AsyncSession, task: Task) -> None:
        """Plugins at work are told, and locks become free, as by what a worker ends."""
        graph, now = await repository.graph(session, task.definition_id), self._clock.now()
        for run in await repository.runs_of(session, task.id):
            run.due_at = None
            if run.state not in _LIVE:
                continue
            if await ask_for(session, run, graph, now):
                after_commit(session, self._cancelling)
            run.state, run.finished_at, run.lock_key, run.awaits = NodeState.REVOKED.value, now, None, None

    async def _count_on(self, session: AsyncSession, task: Task) -> None:
        (seen,) = await repository.these(session, [task.id])
        runs = await repository.runs_of(session, task.id)
        task.counter = max([task.counter, *(run.number for run in runs)])
        task.sequence = max(task.sequence, seen.last_entry)

    async def _set_time(self, session: AsyncSession, task: Task, node_id: str | None) -> None:
        """Polls and attempts come at once, timers and limits when they were to; what waits for a lock gets in line."""
        run = (await repository.runs_of(session, task.id, node_id))[-1]
        if run.state == NodeState.WAITING_LOCK.value:
            run.awaits, run.storage = AWAITS_LOCK, {**(run.storage or {}), "granted": False}
        elif run.state == NodeState.WAITING_TIMER.value and run.due_at is None:
            run.due_at = _moment(run) or self._clock.now()
        elif run.state in {NodeState.POLLING.value, NodeState.RETRYING.value}:
            run.due_at = self._clock.now()
        document = await repository.definition(session, task.definition_id)
        node = Graph(read_flow(document or {})).find(run.node_id)
        if isinstance(node, StepNode) and node.timeout is not None and run.state not in _UNLIMITED:
            until = run.started_at + timedelta(seconds=node.timeout.seconds)
            run.due_at = until if run.due_at is None else min(run.due_at, until)

    def _become(self, session: AsyncSession, task: Task, status: TaskState) -> None:
        task.state = status.value
        task.sequence += 1
        now = self._clock.now()
        data = {"state": status.value}
        session.add(TaskEvent(task_id=task.id, sequence=task.sequence, at=now, kind="task", data=data))

    async def _settle_lost(self, session: AsyncSession, principal: Principal, told: Iterable[Finding]) -> list[Finding]:
        """Messages to tasks that are not there."""
        wanted = {finding.task_id: finding for finding in told if finding.invariant is Invariant.MESSAGE_HAS_TASK}
        if not wanted:
            return []
        settled = set()
        for message in await repository.lost_messages_to(session, wanted):
            message.settled_at, message.reason = self._clock.now(), "there is no such task"
            settled.add(message.task_id)
            record(session, principal, "task_message.settled", "task_message", message.id, task_id=message.task_id)
        return [wanted[task_id] for task_id in sorted(settled)]


def _told(finding: Finding) -> dict[str, str | None]:
    return {"invariant": finding.invariant.value, "node": finding.node_id, "why": finding.why}


def _moment(run: NodeRun) -> datetime | None:
    """When a timer node is to go on, as it worked out when it began."""
    until = (run.inputs or {}).get("until")
    try:
        return datetime.fromisoformat(until).astimezone(UTC) if isinstance(until, str) else None
    except ValueError:
        return None
