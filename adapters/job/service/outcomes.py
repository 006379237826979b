"""How a host's end becomes the end of its step and instance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.batches import RollingMode
from adapters.job.service.models import NOT_BEGUN, JobHostRun, JobInstance, JobStep
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.states import FINISHED, PASSED, HostError, HostStatus, JobStatus, StepType

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


def step_at_turn(steps: Sequence[JobStep]) -> JobStep | None:
    """The step that an instance has come to: under way, or what it ended with; none when it has passed all."""
    return next((step for step in steps if step.status not in PASSED), None)


async def settle(session: AsyncSession, repository: JobRepository, instance: JobInstance, now: datetime) -> bool:
    """Goes on with the next batch or the next step, or ends the instance, when all hosts that may run have ended; the
    caller holds its lock.

    Returns:
        Whether there is something to do now: hosts to start, or its end to tell.
    """
    if instance.status in FINISHED:
        return False
    steps = await repository.steps(session, instance.job_instance_id)
    has_begun = False
    while (step := step_at_turn(steps)) is not None:
        if step.batch == NOT_BEGUN:
            _begin(instance, step, milliseconds(now))
            has_begun = True
        if step.status == JobStatus.WAITING:
            return has_begun
        if await repository.has_unfinished(session, step):
            return has_begun
        if await _next_batch(session, repository, instance, step):
            return True
        step.status = await _end_of(session, repository, instance, step)
        step.end_ms = milliseconds(now)
        if step.status not in PASSED:
            break
    instance.status = JobStatus.SUCCESS if step is None else step.status
    instance.end_ms = milliseconds(now)
    if instance.callback_state == "waiting":
        instance.callback_state = "due"
    return True


def _begin(instance: JobInstance, step: JobStep, now: int) -> None:
    step.batch = NOT_BEGUN + 1
    if step.type == StepType.APPROVAL:
        step.status = instance.status = JobStatus.WAITING
        step.start_ms = now
        instance.start_ms = instance.start_ms or now


async def _next_batch(session: AsyncSession, repository: JobRepository, instance: JobInstance, step: JobStep) -> bool:
    """Whether a further batch of hosts has begun."""
    while instance.status != JobStatus.TERMINATING and await _goes_on(session, repository, step):
        step.batch += 1
        if await repository.has_unfinished(session, step):
            return True
    return False


async def _goes_on(session: AsyncSession, repository: JobRepository, step: JobStep) -> bool:
    if not await repository.held_runs(session, step):
        return False
    return step.rolling_mode == RollingMode.GO_ON or not await repository.batch_failed(session, step)


async def _end_of(session: AsyncSession, repository: JobRepository, instance: JobInstance, step: JobStep) -> JobStatus:
    if instance.status == JobStatus.TERMINATING:
        return JobStatus.TERMINATED
    if step.type == StepType.APPROVAL:
        return JobStatus.ABANDONED
    runs = await repository.runs_of_step(session, step.step_instance_id)
    if any(run.error_code == HostError.LOST for run in runs):
        return JobStatus.ABNORMAL
    return JobStatus.SUCCESS if all(run.status == HostStatus.OK for run in runs) else JobStatus.FAILED


def reason_of(steps: Sequence[JobStep], wrong: Sequence[JobHostRun], held: Mapping[int, int]) -> str:
    """What went wrong, step by step and host by host.

    Args:
        wrong: hosts that did not succeed. held: how many hosts wait, by the id of their step.
    """
    told = [
        (step, _reason_of_step(step, wrong, held.get(step.step_instance_id, 0)))
        for step in steps
        if step.batch != NOT_BEGUN
    ]
    return "; ".join(f"{step.name}: {text}" if len(steps) > 1 else text for step, text in told if text)


def _reason_of_step(step: JobStep, wrong: Sequence[JobHostRun], held: int) -> str:
    if step.status == JobStatus.ABANDONED:
        return "was refused"
    own = [run for run in wrong if run.step_instance_id == step.step_instance_id]
    named = [f"{run.ip}: {run.reason}" for run in own[:_HOSTS_NAMED]]
    if len(own) > _HOSTS_NAMED:
        named.append(f"more hosts: {len(own) - _HOSTS_NAMED}")
    if own and held:
        named.append(f"hosts of later batches that wait: {held}")
    return "; ".join(named)
