"""What the job system is asked: to execute, to tell how it goes, to end it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service import schemas
from adapters.job.service.errors import NotNow
from adapters.job.service.executions import Executions, executed
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.outcomes import reason_of, settle, step_at_turn
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.runner import JobRunner
from adapters.job.service.script_steps import ScriptSteps
from adapters.job.service.states import FINISHED, HostError, HostStatus, JobStatus
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller


class JobService:
    def __init__(
        self,
        repository: JobRepository,
        runner: JobRunner,
        executions: Executions,
        scripts: ScriptSteps,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._runner = runner
        self._executions = executions
        self._scripts = scripts
        self._clock = clock

    async def fast_execute_script(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.FastExecuteScript
    ) -> Any:
        """Keeps the execution; scripts start once it is committed."""
        step = await self._scripts.step_of(session, asked)
        instance, ids = await self._executions.start(session, caller, asked, [step], name=asked.task_name)
        return executed(instance, ids[0])

    async def get_job_instance_status(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.GetStatus
    ) -> Any:
        instance = await self._instance(session, asked)
        wrong, held = await self._repository.went_wrong(session, instance.job_instance_id)
        runs = await self._repository.runs(session, instance.job_instance_id) if asked.return_ip_result else []
        steps = await self._repository.steps(session, instance.job_instance_id)
        return {
            "finished": instance.status in FINISHED,
            "job_instance": {**_summary(instance), "reason": reason_of(steps, wrong, held)},
            "step_instance_list": [_step(step, instance, runs) for step in steps],
        }

    async def get_job_instance_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListInstances
    ) -> Any:
        total, rows = await self._repository.listed(session, asked)
        data = [_summary(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def get_job_scope_list(self, session: AsyncSession, _caller: SignedCaller, _asked: schemas.ListScopes) -> Any:
        return [
            {"bk_scope_type": kind, "bk_scope_id": scope_id, "job_count": count, "last_create_time": last}
            for kind, scope_id, count, last in await self._repository.scopes(session)
        ]

    async def operate_job_instance(self, session: AsyncSession, caller: SignedCaller, asked: schemas.Operate) -> Any:
        """Terminates: what waits never starts, what runs is ended within seconds."""
        instance = await self._repository.instance(
            session, asked.bk_scope_type, asked.bk_scope_id, asked.job_instance_id, for_change=True
        )
        if instance.status in FINISHED:
            raise NotNow(f"Job instance {asked.job_instance_id} has ended already")
        before = instance.status
        instance.status = JobStatus.TERMINATING
        step = step_at_turn(await self._repository.steps(session, instance.job_instance_id))
        now = self._clock.now()
        killed = {
            "status": HostStatus.KILLED,
            "error_code": HostError.TERMINATED,
            "reason": "terminated before it started",
            "end_ms": milliseconds(now),
        }
        if step is not None:
            step.status = JobStatus.TERMINATING
            await self._repository.kill_waiting(session, step.step_instance_id, killed)
        await settle(session, self._repository, instance, now)
        record(
            session,
            caller.principal,
            "job.terminated",
            "job_instance",
            str(instance.job_instance_id),
            before={"status": before},
            after={"status": instance.status},
        )
        after_commit(session, self._runner.wake)
        return {"job_instance_id": instance.job_instance_id}

    async def _instance(self, session: AsyncSession, asked: schemas.OfInstance) -> JobInstance:
        return await self._repository.instance(session, asked.bk_scope_type, asked.bk_scope_id, asked.job_instance_id)


def _spent(start: int | None, end: int | None) -> int | None:
    return end - start if start is not None and end is not None else None


def _summary(instance: JobInstance) -> dict[str, Any]:
    return {
        "job_instance_id": instance.job_instance_id,
        "name": instance.name,
        "type": instance.type,
        "bk_scope_type": instance.bk_scope_type,
        "bk_scope_id": instance.bk_scope_id,
        "status": instance.status,
        "operator": instance.operator,
        "job_plan_id": instance.job_plan_id,
        "create_time": instance.create_ms,
        "start_time": instance.start_ms,
        "end_time": instance.end_ms,
        "total_time": _spent(instance.start_ms, instance.end_ms),
    }


def _step(step: JobStep, instance: JobInstance, runs: Sequence[JobHostRun]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "step_instance_id": step.step_instance_id,
        "name": step.name,
        "type": step.type,
        "status": step.status,
        "execute_count": step.execute_count,
        "create_time": instance.create_ms,
        "start_time": step.start_ms,
        "end_time": step.end_ms,
        "total_time": _spent(step.start_ms, step.end_ms),
        "approval_message": step.approval_message,
    }
    if runs:
        shown["step_ip_result_list"] = [_host(run) for run in runs if run.step_instance_id == step.step_instance_id]
    return shown


def _host(run: JobHostRun) -> dict[str, Any]:
    return {
        "bk_host_id": run.bk_host_id,
        "bk_cloud_id": run.bk_cloud_id,
        "ip": run.ip,
        "status": run.status,
        "tag": "",
        "exit_code": run.exit_code,
        "error_code": run.error_code,
        "reason": run.reason,
        "start_time": run.start_ms,
        "end_time": run.end_ms,
        "total_time": _spent(run.start_ms, run.end_ms),
    }
