"""Reads and writes executions. What decides between processes is one statement each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.schemas import ListInstances
from adapters.job.service.states import FAILED_HOSTS, FINAL, HostError, HostStatus, JobStatus

_SCOPES_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Watched:
    """A run under way, as far as who watches it goes."""

    id: int
    is_remote: bool
    owner: str
    seen_at: datetime | None


class JobRepository:
    async def instance(
        self, session: AsyncSession, scope_type: str, scope_id: str, instance_id: int, *, for_change: bool = False
    ) -> JobInstance:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = select(JobInstance).where(
            col(JobInstance.job_instance_id) == instance_id,
            col(JobInstance.bk_scope_type) == scope_type,
            col(JobInstance.bk_scope_id) == scope_id,
        )
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{scope_type} {scope_id} has no job instance {instance_id}")
        return found

    async def locked_instance(self, session: AsyncSession, instance_id: int) -> JobInstance:
        """The instance, kept from others' changes: so that of several hosts that end at once one sees the last."""
        statement = select(JobInstance).where(col(JobInstance.job_instance_id) == instance_id).with_for_update()
        return (await session.execute(statement)).scalar_one()

    async def steps(self, session: AsyncSession, instance_id: int) -> Sequence[JobStep]:
        statement = select(JobStep).where(col(JobStep.job_instance_id) == instance_id)
        return (await session.execute(statement.order_by(col(JobStep.step_instance_id)))).scalars().all()

    async def step(self, session: AsyncSession, step_id: int) -> JobStep:
        return (await session.execute(select(JobStep).where(col(JobStep.step_instance_id) == step_id))).scalar_one()

    async def runs(self, session: AsyncSession, instance_id: int) -> Sequence[JobHostRun]:
        """All hosts of an instance, without their logs."""
        return await self._without_logs(session, col(JobHostRun.job_instance_id) == instance_id)

    async def runs_of_step(self, session: AsyncSession, step_id: int) -> Sequence[JobHostRun]:
        """All hosts of a step, without their logs."""
        return await self._without_logs(session, col(JobHostRun.step_instance_id) == step_id)

    async def went_wrong(
        self, session: AsyncSession, instance_id: int
    ) -> tuple[Sequence[JobHostRun], Mapping[int, int]]:
        """The hosts that did not succeed, and how many wait in each step while there are any."""
        mine = col(JobHostRun.job_instance_id) == instance_id
        wrong = await self._without_logs(session, and_(mine, col(JobHostRun.status).in_(FAILED_HOSTS)))
        if not wrong:
            return [], {}
        step = col(JobHostRun.step_instance_id)
        waiting = select(step, func.count()).where(mine, col(JobHostRun.status) == HostStatus.WAITING).group_by(step)
        return wrong, {int(step_id): int(count) for step_id, count in await session.execute(waiting)}

    async def run_on(
        self, session: AsyncSession, step_id: int, host_id: int | None, cloud_id: int, ip: str | None
    ) -> JobHostRun | None:
        """The run of a step on the host with this id, or else at this address."""
        statement = select(JobHostRun).where(col(JobHostRun.step_instance_id) == step_id)
        if host_id is not None:
            statement = statement.where(col(JobHostRun.bk_host_id) == host_id)
        else:
            statement = statement.where(col(JobHostRun.bk_cloud_id) == cloud_id, col(JobHostRun.ip) == ip)
        return (await session.execute(statement.order_by(col(JobHostRun.id)).limit(1))).scalar_one_or_none()

    async def has_unfinished(self, session: AsyncSession, step: JobStep) -> bool:
        """Whether a host has not ended that may run by now."""
        unfinished = [HostStatus.WAITING, HostStatus.RUNNING]
        statement = select(col(JobHostRun.id)).where(
            col(JobHostRun.step_instance_id) == step.step_instance_id,
            col(JobHostRun.status).in_(unfinished),
            col(JobHostRun.batch) <= step.batch,
        )
        return (await session.execute(statement.limit(1))).first() is not None

    async def run(self, session: AsyncSession, run_id: int) -> JobHostRun:
        return (await session.execute(select(JobHostRun).where(col(JobHostRun.id) == run_id))).scalar_one()

    async def listed(self, session: AsyncSession, asked: ListInstances) -> tuple[int, Sequence[JobInstance]]:
        where = [
            col(JobInstance.bk_scope_type) == asked.bk_scope_type,
            col(JobInstance.bk_scope_id) == asked.bk_scope_id,
        ]
        if asked.name is not None:
            where.append(col(JobInstance.name).contains(asked.name, autoescape=True))
        if asked.type is not None:
            where.append(col(JobInstance.type) == int(asked.type))
        if asked.job_instance_id is not None:
            where.append(col(JobInstance.job_instance_id) == asked.job_instance_id)
        if asked.job_plan_id is not None:
            where.append(col(JobInstance.job_plan_id) == asked.job_plan_id)
        if asked.ip is not None:
            runs = select(col(JobHostRun.id)).where(col(JobHostRun.job_instance_id) == col(JobInstance.job_instance_id))
            where.append(runs.where(col(JobHostRun.ip) == asked.ip).exists())
        if asked.status is not None:
            where.append(col(JobInstance.status) == asked.status)
        if asked.operator is not None:
            where.append(col(JobInstance.operator) == asked.operator)
        if asked.create_time_start is not None:
            where.append(col(JobInstance.create_ms) >= asked.create_time_start)
        if asked.create_time_end is not None:
            where.append(col(JobInstance.create_ms) <= asked.create_time_end)
        total = (await session.execute(select(func.count()).select_from(JobInstance).where(*where))).scalar_one()
        statement = select(JobInstance).where(*where).order_by(col(JobInstance.job_instance_id).desc())
        rows = (await session.execute(statement.offset(asked.start).limit(asked.length))).scalars().all()
        return total, rows

    async def scopes(self, session: AsyncSession) -> Sequence[tuple[str, str, int, int]]:
        """Scopes in which jobs were executed, how many, and when the last one was made; that one's first."""
        scope = col(JobInstance.bk_scope_type), col(JobInstance.bk_scope_id)
        last, newest = func.max(col(JobInstance.create_ms)), func.max(col(JobInstance.job_instance_id))
        statement = select(*scope, func.count(), last).group_by(*scope).order_by(newest.desc()).limit(_SCOPES_LISTED)
        return [(row[0], row[1], row[2], row[3]) for row in await session.execute(statement)]

    async def waiting_runs(self, session: AsyncSession, most: int, *, remote: bool) -> Sequence[JobHostRun]:
        statement = (
            select(JobHostRun)
            .join(JobStep, col(JobStep.step_instance_id) == col(JobHostRun.step_instance_id))
            .where(
                col(JobHostRun.status) == HostStatus.WAITING,
                col(JobHostRun.is_remote) == remote,
                col(JobHostRun.batch) <= col(JobStep.batch),
            )
        )
        return (await session.execute(statement.order_by(col(JobHostRun.id)).limit(most))).scalars().all()

    async def watched(self, session: AsyncSession) -> Sequence[Watched]:
        """All runs under way, with who watches them."""
        statement = select(
            col(JobHostRun.id), col(JobHostRun.is_remote), col(JobHostRun.owner), col(JobHostRun.seen_at)
        ).where(col(JobHostRun.status) == HostStatus.RUNNING)
        return [Watched(*row) for row in await session.execute(statement)]

    async def claim_waiting(
        self, session: AsyncSession, run_ids: Sequence[int], owner: str, now: datetime
    ) -> Sequence[JobHostRun]:
        """Those of the runs that are now ours to start."""
        statement = (
            update(JobHostRun)
            .where(col(JobHostRun.id).in_(run_ids), col(JobHostRun.status) == HostStatus.WAITING)
            .values(status=HostStatus.RUNNING, owner=owner, seen_at=now, start_ms=milliseconds(now))
            .returning(JobHostRun)
            .execution_options(synchronize_session=False)
        )
        return (await session.execute(statement)).scalars().all()

    async def held_runs(self, session: AsyncSession, step: JobStep) -> Sequence[JobHostRun]:
        """Those of batches that may not start yet."""
        statement = select(JobHostRun).where(
            col(JobHostRun.step_instance_id) == step.step_instance_id,
            col(JobHostRun.status) == HostStatus.WAITING,
            col(JobHostRun.batch) > step.batch,
        )
        return (await session.execute(statement.order_by(col(JobHostRun.id)))).scalars().all()

    async def batch_failed(self, session: AsyncSession, step: JobStep) -> bool:
        """Whether a host of the step's present batch did not succeed."""
        statement = select(col(JobHostRun.id)).where(
            col(JobHostRun.step_instance_id) == step.step_instance_id,
            col(JobHostRun.batch) == step.batch,
            col(JobHostRun.status) != HostStatus.OK,
        )
        return (await session.execute(statement.limit(1))).first() is not None

    async def start_again(self, session: AsyncSession, run_ids: Sequence[int]) -> None:
        """Forgets how the runs ended."""
        statement = update(JobHostRun).where(col(JobHostRun.id).in_(run_ids))
        fresh = {
            "status": HostStatus.WAITING,
            "exit_code": None,
            "error_code": HostError.NONE,
            "reason": "",
            "start_ms": None,
            "end_ms": None,
            "log": "",
            "variables": None,
            "files": None,
            "owner": "",
            "seen_at": None,
            "attempt": col(JobHostRun.attempt) + 1,
        }
        await session.execute(statement.values(**fresh).execution_options(synchronize_session=False))

    async def seen(self, session: AsyncSession, run_ids: Sequence[int], now: datetime) -> None:
        statement = update(JobHostRun).where(col(JobHostRun.id).in_(run_ids)).values(seen_at=now)
        await session.execute(statement.execution_options(synchronize_session=False))

    async def terminating(self, session: AsyncSession) -> frozenset[int]:
        """Instances that somebody wants ended and that have not ended yet."""
        statement = select(col(JobInstance.job_instance_id)).where(col(JobInstance.status) == JobStatus.TERMINATING)
        return frozenset((await session.execute(statement)).scalars())

    async def take_over(self, session: AsyncSession, run: Watched, owner: str, now: datetime) -> bool:
        """Whether the run is now ours to watch."""
        statement = (
            update(JobHostRun)
            .where(
                col(JobHostRun.id) == run.id,
                col(JobHostRun.status) == HostStatus.RUNNING,
                col(JobHostRun.owner) == run.owner,
            )
            .values(owner=owner, seen_at=now)
        )
        return await _changed(session, statement)

    async def update_run(self, session: AsyncSession, run_id: int, **values: Any) -> None:
        await session.execute(update(JobHostRun).where(col(JobHostRun.id) == run_id).values(**values))

    async def update_runs(self, session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
        """Args:
        rows: the new values of each run, with its `id`; all of the same columns.
        """
        await session.execute(update(JobHostRun), rows, execution_options={"synchronize_session": None})

    async def still_ours(self, session: AsyncSession, run_ids: Sequence[int], owner: str) -> frozenset[int]:
        """Those of the runs that are under way and watched by this owner."""
        statement = select(col(JobHostRun.id)).where(
            col(JobHostRun.id).in_(run_ids),
            col(JobHostRun.status) == HostStatus.RUNNING,
            col(JobHostRun.owner) == owner,
        )
        return frozenset((await session.execute(statement)).scalars())

    async def kill_waiting(self, session: AsyncSession, step_id: int, values: dict[str, Any]) -> None:
        await session.execute(
            update(JobHostRun)
            .where(col(JobHostRun.step_instance_id) == step_id, col(JobHostRun.status) == HostStatus.WAITING)
            .values(**values)
        )

    async def instance_status(self, session: AsyncSession, instance_id: int) -> int:
        statement = select(col(JobInstance.status)).where(col(JobInstance.job_instance_id) == instance_id)
        return (await session.execute(statement)).scalar_one()

    async def callbacks(self, session: AsyncSession, states: Iterable[str]) -> Sequence[JobInstance]:
        statement = select(JobInstance).where(col(JobInstance.callback_state).in_(list(states)))
        return (await session.execute(statement)).scalars().all()

    async def claim_callback(self, session: AsyncSession, instance: JobInstance, owner: str) -> bool:
        statement = (
            update(JobInstance)
            .where(
                col(JobInstance.job_instance_id) == instance.job_instance_id,
                col(JobInstance.callback_state) == instance.callback_state,
                col(JobInstance.callback_owner) == instance.callback_owner,
            )
            .values(callback_state="sending", callback_owner=owner)
        )
        return await _changed(session, statement)

    async def callback_done(self, session: AsyncSession, instance: JobInstance, owner: str, state: str) -> None:
        """Keeps how a callback ended, unless the job was begun again meanwhile and owes another. The address is kept as
        long as there may be one.
        """
        statement = update(JobInstance).where(
            col(JobInstance.job_instance_id) == instance.job_instance_id,
            col(JobInstance.callback_state) == "sending",
            col(JobInstance.callback_owner) == owner,
        )
        forgotten = {"callback_sealed": ""} if instance.status in FINAL else {}
        await session.execute(statement.values(callback_state=state, **forgotten))

    async def _without_logs(self, session: AsyncSession, where: ColumnElement[bool]) -> Sequence[JobHostRun]:
        statement = select(JobHostRun).where(where).order_by(col(JobHostRun.id))
        spared = statement.options(defer(JobHostRun.log), defer(JobHostRun.variables))  # type: ignore[arg-type]
        return (await session.execute(spared.execution_options(populate_existing=True))).scalars().all()


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


async def _changed(session: AsyncSession, statement: Any) -> bool:
    result = await session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
