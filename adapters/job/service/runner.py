"""The background work of the job system: starts what waits, watches it, and takes up what another process left.

A run is claimed by one statement, so it is started once. Its folder tells whether a claimed run ever reached its
script: then it is watched on or marked lost, and never run a second time; otherwise it is started again.
Runs on this machine and runs by SSH have a watcher each, and each its bound of how many are under way at once.
"""

import asyncio
import resource
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import structlog

from adapters.job.service.callbacks import CallbackSender
from adapters.job.service.files.plan import SourceKind
from adapters.job.service.files.spool import ElsewhereReader
from adapters.job.service.files.watcher import FileWatcher
from adapters.job.service.finishing import RunFinisher
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.repository import JobRepository, Watched, milliseconds
from adapters.job.service.ssh.connector import Connector
from adapters.job.service.ssh.endings import Endings
from adapters.job.service.ssh.login import LoginReader
from adapters.job.service.ssh.watcher import SshWatcher
from adapters.job.service.states import JobStatus, StepType
from adapters.job.service.watcher import RunWatcher
from adapters.job.service.workspace import MAX_LOG, Log
from kernel.bell import Bell
from kernel.looks import when_changed
from kernel.machine import ProcessIdentity, is_gone, this_process
from kernel.services import KernelServices

_LOCAL_AT_ONCE = 32
_REMOTE_AT_ONCE = 1000
_FILES_FOR_OTHERS = 200
_SWEEP_SECONDS = 2.0
_PART = 64 * 1024
_SILENT_SECONDS = 60.0
_log = structlog.get_logger()
_Key = tuple[str, int]


class JobRunner:
    """Background work of one process; several may share a database."""

    def __init__(
        self,
        kernel: KernelServices,
        repository: JobRepository,
        callbacks: CallbackSender,
        logins: LoginReader,
        connector: Connector,
        elsewhere: Mapping[SourceKind, ElsewhereReader],
    ) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._repository = repository
        self._callbacks = callbacks
        self._me = str(this_process())
        self._wake = Bell()
        self._loop: asyncio.Task[None] | None = None
        self._work: dict[_Key, asyncio.Task[None]] = {}
        self._finisher = RunFinisher(kernel, repository, self.wake)
        self._local = RunWatcher(kernel, repository, self._finisher)
        self._endings = Endings(kernel, repository)
        self._remote = SshWatcher(kernel, repository, self._finisher, logins, connector, self._endings)
        self._files = FileWatcher(kernel, repository, self._finisher, logins, connector, self._endings, elsewhere)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.ring()

    def log_of(self, run: JobHostRun, start: int) -> Log:
        """What a running script has written after a byte; of what is too much its last part."""
        return self._finisher.workspace(run).log_from(start, MAX_LOG)

    def log_size(self, run: JobHostRun) -> int:
        return self._finisher.workspace(run).log_size()

    def next_part(self, run: JobHostRun, start: int) -> Log:
        """What a running script has written after a byte, a little at a time; of what is too much its last part."""
        workspace = self._finisher.workspace(run)
        if workspace.log_size() - start > MAX_LOG:
            return workspace.log_from(start, MAX_LOG)
        return workspace.log_part(start, _PART)

    async def start(self) -> None:
        await asyncio.to_thread(self._files.clear_leftovers)
        self._endings.start()
        self._loop = asyncio.create_task(self._sweep_for_ever(), name="job-runner")

    async def stop(self) -> None:
        """Stops watching. Scripts on this machine go on and the next start finds them again; others are lost."""
        tasks = [task for task in (self._loop, *self._work.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._finisher.stop()
        await self._local.let_go()
        await self._endings.stop()
        self._loop = None
        self._work.clear()

    async def _sweep_for_ever(self) -> None:
        look = when_changed(self._database, self._sweep_once)
        while True:
            is_woken = self._wake.is_rung()
            self._wake.clear()
            try:
                await (self._sweep_once() if is_woken else look())
            except Exception as error:  # noqa: BLE001  whatever goes wrong once must not end all later work
                _log.error("job_sweep_failed", exc_info=error)
            await self._wake.wait(_SWEEP_SECONDS)

    async def _sweep_once(self) -> bool:
        await self.sweep()
        return False

    async def sweep(self) -> None:
        """Takes up whatever waits: new runs, runs whose watcher died, callbacks that are due."""
        async with self._database.reading() as session:
            local = await self._repository.waiting_runs(session, self._room("local", _LOCAL_AT_ONCE), remote=False)
            remote = await self._repository.waiting_runs(session, self._room("remote", _remote_at_once()), remote=True)
            due = await self._repository.callbacks(session, ["due", "sending"])
            # Looked at before anything else is waited for: meanwhile most of them end.
            left = [run for run in await self._repository.watched(session) if self._is_left(run)]
        for instance_id, waiting in groupby([*local, *remote], lambda run: run.job_instance_id):
            for run, step in await self._claimed(instance_id, list(waiting)):
                self._spawn(_run_key(run), self._carry(run, step))
        for one in left:
            if await self._take_over(one):
                self._spawn(_run_key(one), self._resume(one))
        for instance in due:
            if self._is_due(instance) and await self._claim_callback(instance):
                self._spawn(_callback_key(instance), self._call_back(instance))

    def _room(self, kind: str, most: int) -> int:
        """How many runs of a kind may be taken up beside those under way."""
        return max(0, most - sum(1 for key in self._work if key[0] == kind))

    async def _claimed(self, instance_id: int, runs: Sequence[JobHostRun]) -> list[tuple[JobHostRun, JobStep]]:
        """Those of an instance's runs that are now ours to start, each with its step."""
        now = self._clock.now()
        async with self._database.unit_of_work() as session:
            instance = await self._repository.locked_instance(session, instance_id)
            claimed = await self._repository.claim_waiting(session, [run.id for run in runs], self._me, now)
            if not claimed:
                return []
            instance.start_ms = instance.start_ms or milliseconds(now)
            instance.status = JobStatus.RUNNING
            begun = {run.step_instance_id for run in claimed}
            steps = {
                step.step_instance_id: step
                for step in await self._repository.steps(session, instance_id)
                if step.step_instance_id in begun
            }
            for step in steps.values():
                step.start_ms = step.start_ms or milliseconds(now)
                step.status = JobStatus.RUNNING
        return [(run, steps[run.step_instance_id]) for run in claimed]

    async def _carry(self, run: JobHostRun, step: JobStep) -> None:
        if step.type == StepType.FILE:
            await self._files.carry(run, step)
        elif run.is_remote:
            await self._remote.carry(run, step)
        else:
            await self._local.carry(run, step)

    async def _resume(self, left: Watched) -> None:
        before = ProcessIdentity.parse(left.owner)
        async with self._database.reading() as session:
            run = await self._repository.run(session, left.id)
            step = await self._repository.step(session, run.step_instance_id)
        if step.type == StepType.FILE:
            await self._files.carry(run, step)
        elif run.is_remote:
            await self._remote.resume(run, step, before)
        else:
            await self._local.resume(run, step, before)

    async def _take_over(self, run: Watched) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._repository.take_over(session, run, self._me, self._clock.now())

    async def _claim_callback(self, instance: JobInstance) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._repository.claim_callback(session, instance, self._me)

    def _is_left(self, run: Watched) -> bool:
        """Whether nobody watches the run any more."""
        if run.owner == self._me:
            return _run_key(run) not in self._work
        if is_gone(ProcessIdentity.parse(run.owner)):
            return True
        return run.seen_at is None or run.seen_at < self._clock.now() - timedelta(seconds=_SILENT_SECONDS)

    def _is_due(self, instance: JobInstance) -> bool:
        """Whether a callback has nobody who sends it."""
        if instance.callback_state == "due":
            return True
        if instance.callback_owner == self._me:
            return _callback_key(instance) not in self._work
        return is_gone(ProcessIdentity.parse(instance.callback_owner))

    def _spawn(self, key: _Key, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(key, work))
        self._work[key] = task
        task.add_done_callback(lambda _task: self._work.pop(key, None))

    async def _guarded(self, key: _Key, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  logged; the sweep of a later watcher takes the run up again
            _log.error("job_work_failed", work=str(key), exc_info=error)

    async def _call_back(self, instance: JobInstance) -> None:
        async with self._database.reading() as session:
            steps = await self._repository.steps(session, instance.job_instance_id)
        received = await self._callbacks.send(instance, steps)
        async with self._database.unit_of_work() as session:
            state = "delivered" if received else "failed"
            await self._repository.callback_done(session, instance, self._me, state)


def _callback_key(instance: JobInstance) -> _Key:
    return "callback", instance.job_instance_id


def _run_key(run: JobHostRun | Watched) -> _Key:
    return "remote" if run.is_remote else "local", run.id


def _remote_at_once() -> int:
    """Each connection is an open file, of which a process has only so many."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(_REMOTE_AT_ONCE, max(1, files - _FILES_FOR_OTHERS))
