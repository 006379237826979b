"""What the job system is asked: to execute, to tell how it goes, to end it."""

import asyncio
import hashlib
import json
import shlex
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service import schemas
from adapters.job.service.accounts.choosing import account_of
from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.errors import Missing, NotNow, ParameterWrong
from adapters.job.service.executions import Executions, NewStep
from adapters.job.service.languages import Language, LanguageMissing, interpreter_for, program_of
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.outcomes import reason_of, settle
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.rules.service import RuleService
from adapters.job.service.runner import JobRunner
from adapters.job.service.scripts.service import ScriptService
from adapters.job.service.states import FINISHED, HostError, HostStatus, JobStatus, StepType
from adapters.job.service.targets import targets_of
from adapters.job.service.texts import from_base64
from adapters.job.service.variables import variables_of
from adapters.job.service.workspace import SCRIPT_PURPOSE
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.hosts import HostDirectory
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller

_LOG_OF_SCRIPT, _LOG_OF_FILES = 1, 2


class JobService:
    def __init__(
        self,
        repository: JobRepository,
        hosts: HostDirectory,
        accounts: AccountRepository,
        runner: JobRunner,
        executions: Executions,
        rules: RuleService,
        scripts: ScriptService,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._hosts = hosts
        self._accounts = accounts
        self._runner = runner
        self._executions = executions
        self._rules = rules
        self._scripts = scripts
        self._clock = clock

    async def fast_execute_script(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.FastExecuteScript
    ) -> Any:
        """Keeps the execution; scripts start once it is committed."""
        parameters = _parameters_of(asked)
        named = await self._scripts.named(session, asked)
        language, script, version_id = named or (asked.script_language, _script_of(asked), None)
        account_id = await account_of(session, self._accounts, asked)
        _check(language, hidden=asked.is_param_sensitive, on_this_machine=account_id is None)
        noted = await self._rules.passed(session, language, script)
        targets = await targets_of(session, self._hosts, asked, asked.target_server)
        step = NewStep(
            "script",
            StepType.SCRIPT,
            account_id,
            json.dumps({"script": script, "parameters": parameters}),
            SCRIPT_PURPOSE,
            language,
            asked.is_param_sensitive,
        )
        facts = {
            "language": language.name.lower(),
            "script_version_id": version_id,
            "script_sha256": hashlib.sha256(script.encode()).hexdigest(),
            "dangerous_by_rules": noted,
        }
        return await self._executions.start(session, caller, asked, step, targets, facts)

    async def get_job_instance_status(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.GetStatus
    ) -> Any:
        instance = await self._instance(session, asked)
        runs = await self._repository.runs(session, instance.job_instance_id)
        steps = await self._repository.steps(session, instance.job_instance_id)
        return {
            "finished": instance.status in FINISHED,
            "job_instance": {**_summary(instance), "reason": reason_of(runs)},
            "step_instance_list": [_step(step, instance, runs if asked.return_ip_result else []) for step in steps],
        }

    async def get_job_instance_ip_log(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.GetLog) -> Any:
        instance = await self._instance(session, asked)
        run = await self._run_on(session, instance, asked)
        log = run.log
        if run.status == HostStatus.RUNNING:
            log = await asyncio.to_thread(self._runner.log_of, run)
        return {
            "log_type": _LOG_OF_SCRIPT if run.files is None else _LOG_OF_FILES,
            "bk_host_id": run.bk_host_id,
            "bk_cloud_id": run.bk_cloud_id,
            "ip": run.ip,
            "status": run.status,
            "exit_code": run.exit_code,
            "log_content": log or run.reason,
            "variables": run.variables if run.variables is not None else variables_of(log),
            "file_logs": run.files or [],
        }

    async def get_job_instance_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListInstances
    ) -> Any:
        total, rows = await self._repository.listed(session, asked)
        data = [_summary(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def operate_job_instance(self, session: AsyncSession, caller: SignedCaller, asked: schemas.Operate) -> Any:
        """Terminates: what waits never starts, what runs is ended within seconds."""
        instance = await self._repository.instance(
            session, asked.bk_scope_type, asked.bk_scope_id, asked.job_instance_id, for_change=True
        )
        if instance.status in FINISHED:
            raise NotNow(f"Job instance {asked.job_instance_id} has ended already")
        before = instance.status
        instance.status = JobStatus.TERMINATING
        for step in await self._repository.steps(session, instance.job_instance_id):
            step.status = JobStatus.TERMINATING
        now = self._clock.now()
        killed = {
            "status": HostStatus.KILLED,
            "error_code": HostError.TERMINATED,
            "reason": "terminated before it started",
            "end_ms": milliseconds(now),
        }
        await self._repository.kill_waiting(session, instance.job_instance_id, killed)
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

    async def _run_on(self, session: AsyncSession, instance: JobInstance, asked: schemas.GetLog) -> JobHostRun:
        if asked.bk_host_id is None and not asked.ip:
            raise ParameterWrong("bk_host_id", "is missing; send it, or bk_cloud_id and ip")
        found = await self._repository.run_on(
            session, asked.step_instance_id, asked.bk_host_id, asked.bk_cloud_id, asked.ip
        )
        if found is None or found.job_instance_id != instance.job_instance_id:
            where = f"{asked.ip} in cloud area {asked.bk_cloud_id}"
            named = where if asked.bk_host_id is None else f"host {asked.bk_host_id}"
            raise Missing(f"Step instance {asked.step_instance_id} has nothing of {named}")
        return found


def _check(language: Language, *, hidden: bool, on_this_machine: bool) -> None:
    try:
        interpreter = interpreter_for(language, hidden_parameters=hidden)
        if on_this_machine:
            program_of(interpreter)
    except LanguageMissing as error:
        raise ParameterWrong("script_language", str(error)) from None


def _script_of(asked: schemas.FastExecuteScript) -> str:
    given = [name for name in ("script_content", "script_text") if getattr(asked, name)]
    if len(given) != 1:
        problem = "is missing; send it in base64, or script_text" if not given else "and script_text exclude each other"
        raise ParameterWrong("script_content", problem)
    return asked.script_text or from_base64("script_content", asked.script_content or "")


def _parameters_of(asked: schemas.FastExecuteScript) -> list[str]:
    if asked.script_param and asked.script_param_text:
        raise ParameterWrong("script_param", "and script_param_text exclude each other")
    name = "script_param" if asked.script_param else "script_param_text"
    text = from_base64(name, asked.script_param) if asked.script_param else asked.script_param_text
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ParameterWrong(name, f"can't be read as a command line: {error}") from None


def _spent(start: int | None, end: int | None) -> int | None:
    return end - start if start is not None and end is not None else None


def _summary(instance: JobInstance) -> dict[str, Any]:
    return {
        "job_instance_id": instance.job_instance_id,
        "name": instance.name,
        "bk_scope_type": instance.bk_scope_type,
        "bk_scope_id": instance.bk_scope_id,
        "status": instance.status,
        "operator": instance.operator,
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
