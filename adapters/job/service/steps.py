"""What is done with a step whose hosts did not all succeed: failed ones again, or on with the next batch."""

from enum import IntEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service import schemas
from adapters.job.service.errors import Missing, NotNow
from adapters.job.service.models import JobInstance, JobStep
from adapters.job.service.outcomes import settle
from adapters.job.service.repository import JobRepository
from adapters.job.service.runner import JobRunner
from adapters.job.service.states import FAILED_HOSTS, FINISHED, JobStatus
from adapters.job.service.targets import LocalHosts, Target
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller


class StepOperation(IntEnum):
    RETRY_FAILED = 2
    GO_ON = 3


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
        if instance.status not in FINISHED:
            raise NotNow(f"Job instance {asked.job_instance_id} has not ended yet")
        before = instance.status
        operation = StepOperation(int(asked.operation_code))
        hosts = await (
            self._retry(session, step) if operation is StepOperation.RETRY_FAILED else self._go_on(session, step)
        )
        step.execute_count += 1
        step.status = instance.status = JobStatus.RUNNING
        step.end_ms = instance.end_ms = None
        await session.flush()
        await settle(session, self._repository, instance, self._clock.now())
        record(
            session,
            caller.principal,
            "job.retried" if operation is StepOperation.RETRY_FAILED else "job.continued",
            "job_instance",
            str(instance.job_instance_id),
            before={"status": before},
            after={"step_instance_id": step.step_instance_id, "hosts": hosts},
        )
        after_commit(session, self._runner.wake)
        return {"job_instance_id": instance.job_instance_id, "step_instance_id": step.step_instance_id}

    async def _step(self, session: AsyncSession, instance: JobInstance, step_id: int) -> JobStep:
        for step in await self._repository.steps(session, instance.job_instance_id):
            if step.step_instance_id == step_id:
                return step
        raise Missing(f"Job instance {instance.job_instance_id} has no step instance {step_id}")

    async def _retry(self, session: AsyncSession, step: JobStep) -> list[str]:
        runs = [
            run
            for run in await self._repository.runs(session, step.job_instance_id)
            if run.step_instance_id == step.step_instance_id
            and run.status in FAILED_HOSTS
            and (run.is_remote or self._local.has(Target(run.bk_host_id, run.bk_cloud_id, run.ip)))
        ]
        if not runs:
            raise NotNow(f"Step instance {step.step_instance_id} has no failed host that could be tried again")
        await self._repository.start_again(session, [run.id for run in runs])
        return [run.ip for run in runs]

    async def _go_on(self, session: AsyncSession, step: JobStep) -> list[str]:
        held = await self._repository.held_runs(session, step)
        if not held:
            raise NotNow(f"Step instance {step.step_instance_id} has no further batch")
        step.batch += 1
        return [run.ip for run in held if run.batch == step.batch]
