"""How a host's end becomes the end of its step and instance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.batches import RollingMode
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.states import FINISHED, HostError, HostStatus, JobStatus

_UNFINISHED = frozenset({HostStatus.WAITING, HostStatus.RUNNING})
_LONGEST_REASON = 1000
_HOSTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a script ended on a host."""

    status: HostStatus
    exit_code: int | None = None
    error: HostError = HostError.NONE
    reason: str = ""


def ended_with(exit_code: int, log: str) -> Outcome:
    if exit_code == 0:
        return Outcome(HostStatus.OK, 0)
    last = log.rstrip().rpartition("\n")[2].strip()
    reason = f"exit code {exit_code}: {last}" if last else f"exit code {exit_code}"
    return Outcome(HostStatus.FAILED, exit_code, HostError.NONE, reason[:_LONGEST_REASON])


async def settle(session: AsyncSession, repository: JobRepository, instance: JobInstance, now: datetime) -> bool:
    """Goes on with the next batch, or ends the instance, when all hosts that may run have ended; the caller holds its
    lock.

    Returns:
        Whether there is something to do now: hosts to start, or its end to tell.
    """
    if instance.status in FINISHED:
        return False
    (step,) = await repository.steps(session, instance.job_instance_id)
    if await repository.has_unfinished(session, step):
        return False
    while instance.status != JobStatus.TERMINATING and await _goes_on(session, repository, step):
        step.batch += 1
        if await repository.has_unfinished(session, step):
            return True
    status = _status_of(instance.status, await repository.runs(session, instance.job_instance_id))
    instance.status = status
    instance.end_ms = milliseconds(now)
    step.status = status
    step.end_ms = instance.end_ms
    if instance.callback_state == "waiting":
        instance.callback_state = "due"
    return True


async def _goes_on(session: AsyncSession, repository: JobRepository, step: JobStep) -> bool:
    if not await repository.held_runs(session, step):
        return False
    return step.rolling_mode == RollingMode.GO_ON or not await repository.batch_failed(session, step)


def _status_of(before: int, runs: Iterable[JobHostRun]) -> JobStatus:
    if before == JobStatus.TERMINATING:
        return JobStatus.TERMINATED
    if any(run.error_code == HostError.LOST for run in runs):
        return JobStatus.ABNORMAL
    return JobStatus.SUCCESS if all(run.status == HostStatus.OK for run in runs) else JobStatus.FAILED


def reason_of(runs: Sequence[JobHostRun]) -> str:
    """What went wrong, host by host."""
    wrong = [run for run in runs if run.status not in {HostStatus.OK, *_UNFINISHED}]
    named = [f"{run.ip}: {run.reason}" for run in wrong[:_HOSTS_NAMED]]
    if len(wrong) > _HOSTS_NAMED:
        named.append(f"and {len(wrong) - _HOSTS_NAMED} more hosts")
    held = sum(run.status == HostStatus.WAITING for run in runs)
    if wrong and held:
        named.append(f"{held} hosts of later batches wait")
    return "; ".join(named)
