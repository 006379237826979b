"""Keeps how runs ended, once each, and with them the end of their instances."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.models import JobHostRun
from adapters.job.service.outcomes import Outcome, ended_with, settle
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.together import Together
from adapters.job.service.variables import variables_of
from adapters.job.service.workspace import MAX_LOG, Workspace
from kernel.db.database import after_commit
from kernel.machine import this_process
from kernel.services import KernelServices

_AT_ONCE = 50
"""Runs kept in one transaction: their logs are in memory then."""


@dataclass(frozen=True, slots=True)
class _Ended:
    run: JobHostRun
    workspace: Workspace
    outcome: Outcome


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
        self._keeping = Together(self._keep, _AT_ONCE)

    def workspace(self, run: JobHostRun) -> Workspace:
        return Workspace(self._root / str(run.id) / str(run.attempt))

    async def finish(self, run: JobHostRun, workspace: Workspace, outcome: Outcome) -> None:
        """Keeps the outcome and the log of a run that is still ours; an exit code makes its own outcome."""
        await self._keeping(_Ended(run, workspace, outcome))

    async def stop(self) -> None:
        """Waits for what is being kept."""
        await self._keeping.finish()

    async def _keep(self, ended: Sequence[_Ended]) -> Sequence[None]:
        """Runs that end at about the same time share a transaction, which costs more than what is written in it."""
        logs = await asyncio.to_thread(lambda: [one.workspace.log_tail(MAX_LOG) for one in ended])
        async with self._database.unit_of_work() as session:
            for instance_id in sorted({one.run.job_instance_id for one in ended}):
                theirs = [
                    (one, log) for one, log in zip(ended, logs, strict=True) if one.run.job_instance_id == instance_id
                ]
                await self._keep_of_instance(session, instance_id, theirs)
        await asyncio.to_thread(_remove, [one.workspace for one in ended])
        return [None] * len(ended)

    async def _keep_of_instance(
        self, session: AsyncSession, instance_id: int, ended: Sequence[tuple[_Ended, str]]
    ) -> None:
        now = self._clock.now()
        instance = await self._repository.locked_instance(session, instance_id)
        ours = await self._repository.still_ours(session, [one.run.id for one, _ in ended], self._me)
        rows = [
            {"id": one.run.id, "end_ms": milliseconds(now), **_kept(one.outcome, log)}
            for one, log in ended
            if one.run.id in ours
        ]
        if not rows:
            return
        await self._repository.update_runs(session, rows)
        if await settle(session, self._repository, instance, now):
            after_commit(session, self._wake)


def _remove(workspaces: Sequence[Workspace]) -> None:
    for workspace in workspaces:
        workspace.remove()


def _kept(outcome: Outcome, log: str) -> dict[str, object]:
    if outcome.exit_code is not None:
        outcome = ended_with(outcome.exit_code, log)
    return {
        "status": outcome.status,
        "exit_code": outcome.exit_code,
        "error_code": outcome.error,
        "reason": outcome.reason,
        "log": log,
        "variables": variables_of(log),
    }
