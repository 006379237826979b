"""What is done with the step that a job has come to: failed hosts again, on in spite of them, approved or refused."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service import schemas
from adapters.job.service.errors import Missing, NotNow
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.outcomes import settle, step_at_turn
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.runner import JobRunner
from adapters.job.service.states import FAILED_HOSTS, FINISHED, JobStatus
from adapters.job.service.targets import LocalHosts, Target
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller


class StepOperation(IntEnum):
    """The numbers of BlueKing JOB's operate_step_instance."""

    RETRY_FAILED = 2
    IGNORE = 3
    CONFIRM = 6
    RETRY_ALL = 8
    REFUSE = 9
    NEXT_STEP = 11


_ACTIONS = {
    StepOperation.RETRY_FAILED: "job.retried",
    StepOperation.IGNORE: "job.continued",
    StepOperation.CONFIRM: "job.approved",
    StepOperation.RETRY_ALL: "job.retried",
    StepOperation.REFUSE: "job.refused",
    StepOperation.NEXT_STEP: "job.continued",
}
_OF_APPROVALS = {StepOperation.CONFIRM: JobStatus.CONFIRMED, StepOperation.REFUSE: JobStatus.ABANDONED}


class StepService:
    def __init__(self, repository: JobRepository, local: LocalHosts, runner: JobRunner, clock: Clock) -> None:
        self._repository = repository
        self._local = local
        self._runner = runner
        self._clock = clock

    async def operate_step_instance(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.OperateStep
    ) -> Any:
        instance = await self._repository.instance(
            session, asked.bk_scope_type, asked.bk_scope_id, asked.job_instance_id, for_change=True
        )
        step = await self._step(session, instance, asked.step_instance_id)
        before = instance.status
        operation = StepOperation(int(asked.operation_code))
        if operation in _OF_APPROVALS:
            hosts = []
            self._answer(step, _OF_APPROVALS[operation])
        else:
            hosts = [run.ip for run in await self._go_on(session, instance, step, operation)]
        instance.status, instance.end_ms = JobStatus.RUNNING, None
        if instance.callback_sealed:
            instance.callback_state = "waiting"
        await session.flush()
        await settle(session, self._repository, instance, self._clock.now())
        record(
            session,
            caller.principal,
            _ACTIONS[operation],
            "job_instance",
            str(instance.job_instance_id),
            before={"status": before},
            after={"step_instance_id": step.step_instance_id, "operation": operation.name.lower(), "hosts": hosts},
        )
        after_commit(session, self._runner.wake)
        return {"job_instance_id": instance.job_instance_id, "step_instance_id": step.step_instance_id}

    async def _step(self, session: AsyncSession, instance: JobInstance, step_id: int) -> JobStep:
        """The step, if the job has come to it."""
        steps = await self._repository.steps(session, instance.job_instance_id)
        found = next((step for step in steps if step.step_instance_id == step_id), None)
        if found is None:
            raise Missing(f"Job instance {instance.job_instance_id} has no step instance {step_id}")
        if found is not step_at_turn(steps):
            raise NotNow(f"Step instance {step_id} has been passed already, or its turn has not come")
        return found

    def _answer(self, step: JobStep, answer: JobStatus) -> None:
        if step.status != JobStatus.WAITING:
            raise NotNow(f"Step instance {step.step_instance_id} does not wait for an approval")
        step.status = answer
        step.end_ms = milliseconds(self._clock.now())

    async def _go_on(
        self, session: AsyncSession, instance: JobInstance, step: JobStep, operation: StepOperation
    ) -> Sequence[JobHostRun]:
        """The hosts that are worked on by it."""
        if instance.status not in FINISHED:
            raise NotNow(f"Job instance {instance.job_instance_id} has not ended yet")
        if step.status == JobStatus.ABANDONED:
            raise NotNow(f"Step instance {step.step_instance_id} was refused")
        if operation in {StepOperation.RETRY_FAILED, StepOperation.RETRY_ALL}:
            runs = await self._again(session, step, only_failed=operation is StepOperation.RETRY_FAILED)
        else:
            runs = await self._passed_over(session, step, operation)
        return runs

    async def _again(self, session: AsyncSession, step: JobStep, *, only_failed: bool) -> Sequence[JobHostRun]:
        runs = [
            run
            for run in await self._repository.runs_of_step(session, step.step_instance_id)
            if (run.status in FAILED_HOSTS or not only_failed)
            and (run.is_remote or self._local.has(Target(run.bk_host_id, run.bk_cloud_id, run.ip)))
        ]
        if not runs:
            raise NotNow(f"Step instance {step.step_instance_id} has no failed host that could be tried again")
        await self._repository.start_again(session, [run.id for run in runs])
        step.execute_count += 1
        step.status, step.end_ms = JobStatus.RUNNING, None
        if not only_failed:
            step.batch = 0
        return runs

    async def _passed_over(
        self, session: AsyncSession, step: JobStep, operation: StepOperation
    ) -> Sequence[JobHostRun]:
        """The next batch in spite of the failed hosts; after the last one the next step."""
        terminated = step.status == JobStatus.TERMINATED
        if terminated is not (operation is StepOperation.NEXT_STEP):
            wanted = StepOperation.NEXT_STEP if terminated else StepOperation.IGNORE
            raise NotNow(f"Step instance {step.step_instance_id} goes on by operation_code {wanted}")
        held = await self._repository.held_runs(session, step)
        if not held:
            step.status = JobStatus.SKIPPED if terminated else JobStatus.IGNORED
            return []
        step.execute_count += 1
        step.batch += 1
        step.status, step.end_ms = JobStatus.RUNNING, None
        return [run for run in held if run.batch == step.batch]
