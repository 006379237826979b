"""What hosts have written, as it stands."""

import asyncio
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import Missing, ParameterWrong
from adapters.job.service.logs.schemas import GetLog, OfHostRun
from adapters.job.service.models import JobHostRun
from adapters.job.service.repository import JobRepository
from adapters.job.service.runner import JobRunner
from adapters.job.service.states import HostStatus
from adapters.job.service.variables import variables_of
from adapters.job.service.workspace import Log
from kernel.http.signed_only import SignedCaller

_LOG_OF_SCRIPT: Final = 1
_LOG_OF_FILES: Final = 2


class LogService:
    def __init__(self, repository: JobRepository, runner: JobRunner) -> None:
        self._repository = repository
        self._runner = runner

    async def get_job_instance_ip_log(self, session: AsyncSession, _caller: SignedCaller, asked: GetLog) -> Any:
        run = await run_asked_for(session, self._repository, asked)
        log = Log.whole(run.log)
        if run.status == HostStatus.RUNNING:
            log = await asyncio.to_thread(self._runner.log_of, run, asked.log_offset)
        return {
            "log_type": _LOG_OF_SCRIPT if run.files is None else _LOG_OF_FILES,
            "bk_host_id": run.bk_host_id,
            "bk_cloud_id": run.bk_cloud_id,
            "ip": run.ip,
            "status": run.status,
            "exit_code": run.exit_code,
            "log_content": log.text if log.text or log.start else run.reason,
            "log_offset": log.start,
            "log_size": log.end,
            "variables": run.variables if run.variables is not None else variables_of(log.text),
            "file_logs": run.files or [],
        }


async def run_asked_for(session: AsyncSession, repository: JobRepository, asked: OfHostRun) -> JobHostRun:
    """The step on the host that is asked for.

    Raises:
        Missing: no such job in this scope, or no such host in the step.
        ParameterWrong: no host is named.
    """
    instance = await repository.instance(session, asked.bk_scope_type, asked.bk_scope_id, asked.job_instance_id)
    if asked.bk_host_id is None and not asked.ip:
        raise ParameterWrong("bk_host_id", "is missing; send it, or bk_cloud_id and ip")
    found = await repository.run_on(session, asked.step_instance_id, asked.bk_host_id, asked.bk_cloud_id, asked.ip)
    if found is None or found.job_instance_id != instance.job_instance_id:
        where = f"{asked.ip} in cloud area {asked.bk_cloud_id}"
        named = where if asked.bk_host_id is None else f"host {asked.bk_host_id}"
        raise Missing(f"Step instance {asked.step_instance_id} has nothing of {named}")
    return found
