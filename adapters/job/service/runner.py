"""The background work of the job system: starts what waits, watches it, and takes up what another process left.

A run is claimed by one statement, so it is started once. Its folder tells whether a claimed run ever reached its
script: then it is watched on or marked lost, and never run a second time; otherwise it is started again.
"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog

from adapters.job.service.callbacks import CallbackSender
from adapters.job.service.models import JobHostRun, JobInstance
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.states import JobStatus
from adapters.job.service.watcher import MAX_LOG, RunWatcher
from kernel.machine import ProcessIdentity, is_gone, this_process
from kernel.services import KernelServices

_AT_ONCE = 32
_SWEEP_SECONDS = 2.0
_SILENT_SECONDS = 60.0
_log = structlog.get_logger()


class JobRunner:
    """Background work of one process; several may share a database."""

    def __init__(self, kernel: KernelServices, repository: JobRepository, callbacks: CallbackSender) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._repository = repository
        self._callbacks = callbacks
        self._me = str(this_process())
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._work: dict[object, asyncio.Task[None]] = {}
        self._watcher = RunWatcher(kernel, repository, self.wake)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def log_of(self, run: JobHostRun) -> str:
        """What a running script has written so far, its last part."""
        return self._watcher.workspace(run).log_tail(MAX_LOG)

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._sweep_for_ever(), name="job-runner")

    async def stop(self) -> None:
        """Stops watching. Scripts go on; the next start finds them again."""
        tasks = [task for task in (self._loop, *self._work.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._watcher.let_go()
        self._loop = None
        self._work.clear()

    async def _sweep_for_ever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001  whatever goes wrong once must not end all later work
                _log.error("job_sweep_failed", exc_info=error)
            try:
                await asyncio.wait_for(self._wake.wait(), _SWEEP_SECONDS)
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Takes up whatever waits: new runs, runs whose watcher died, callbacks that are due."""
        async with self._database.reading() as session:
            waiting = await self._repository.waiting_runs(session, max(0, _AT_ONCE - len(self._work)))
            running = await self._repository.running_runs(session)
            due = await self._repository.callbacks(session, ["due", "sending"])
        for run in waiting:
            if await self._claim(run):
                self._spawn(run.id, self._watcher.carry(run.id))
        for run in running:
            if self._is_left(run) and await self._take_over(run):
                self._spawn(run.id, self._watcher.resume(run.id, ProcessIdentity.parse(run.owner)))
        for instance in due:
            if self._is_due(instance) and await self._claim_callback(instance):
                self._spawn(_callback_key(instance), self._call_back(instance))

    async def _claim(self, run: JobHostRun) -> bool:
        now = self._clock.now()
        async with self._database.unit_of_work() as session:
            instance = await self._repository.locked_instance(session, run.job_instance_id)
            if not await self._repository.claim_waiting(session, run.id, self._me, now):
                return False
            instance.start_ms = instance.start_ms or milliseconds(now)
            instance.status = JobStatus.RUNNING
            for step in await self._repository.steps(session, run.job_instance_id):
                step.start_ms = step.start_ms or milliseconds(now)
                step.status = JobStatus.RUNNING
        return True

    async def _take_over(self, run: JobHostRun) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._repository.take_over(session, run, self._me, self._clock.now())

    async def _claim_callback(self, instance: JobInstance) -> bool:
        async with self._database.unit_of_work() as session:
            return await self._repository.claim_callback(session, instance, self._me)

    def _is_left(self, run: JobHostRun) -> bool:
        """Whether nobody watches the run any more."""
        if run.owner == self._me:
            return run.id not in self._work
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

    def _spawn(self, key: object, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(key, work))
        self._work[key] = task
        task.add_done_callback(lambda _task: self._work.pop(key, None))

    async def _guarded(self, key: object, work: Coroutine[Any, Any, None]) -> None:
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
            await self._repository.callback_done(session, instance.job_instance_id, state)


def _callback_key(instance: JobInstance) -> tuple[str, int]:
    return "callback", instance.job_instance_id
