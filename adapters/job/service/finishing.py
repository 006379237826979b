"""Keeps how a run ended, once, and with it the end of its instance."""

import asyncio
from collections.abc import Callable

from adapters.job.service.models import JobHostRun
from adapters.job.service.outcomes import Outcome, ended_with, settle
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.variables import variables_of
from adapters.job.service.workspace import MAX_LOG, Workspace
from kernel.db.database import after_commit
from kernel.machine import this_process
from kernel.services import KernelServices


class RunFinisher:
    """Args:
    wake: called when there is something to do after the end of a run, once that is committed.
    """

    def __init__(self, kernel: KernelServices, repository: JobRepository, wake: Callable[[], None]) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._root = kernel.settings.data_dir.resolve() / "job"
        self._repository = repository
        self._wake = wake
        self._me = str(this_process())

    def workspace(self, run: JobHostRun) -> Workspace:
        return Workspace(self._root / str(run.id) / str(run.attempt))

    async def finish(self, run: JobHostRun, workspace: Workspace, outcome: Outcome) -> None:
        """Keeps the outcome and the log of a run that is still ours; an exit code makes its own outcome."""
        log = await asyncio.to_thread(workspace.log_tail, MAX_LOG)
        if outcome.exit_code is not None:
            outcome = ended_with(outcome.exit_code, log)
        now = self._clock.now()
        async with self._database.unit_of_work() as session:
            instance = await self._repository.locked_instance(session, run.job_instance_id)
            if not await self._repository.still_ours(session, run.id, self._me):
                return
            await self._repository.update_run(
                session,
                run.id,
                status=outcome.status,
                exit_code=outcome.exit_code,
                error_code=outcome.error,
                reason=outcome.reason,
                end_ms=milliseconds(now),
                log=log,
                variables=variables_of(log),
            )
            if await settle(session, self._repository, instance, now):
                after_commit(session, self._wake)
        await asyncio.to_thread(workspace.remove)
