"""One run of a script on this machine: started, watched, ended when it must be, found again after a restart."""

import asyncio
import json
import signal
import subprocess
import time

from adapters.job.service.finishing import RunFinisher
from adapters.job.service.languages import (
    Language,
    LanguageMissing,
    command_line,
    hidden_command_line,
    interpreter_for,
    parameter_text,
    program_of,
)
from adapters.job.service.models import JobHostRun, JobStep
from adapters.job.service.outcomes import Outcome
from adapters.job.service.repository import JobRepository
from adapters.job.service.states import HostError, HostStatus, JobStatus
from adapters.job.service.workspace import MAX_LOG_FILE, SCRIPT_PURPOSE, Workspace, signal_group
from kernel.machine import ProcessIdentity, this_process
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices

_LOOK_SECONDS = (0.02, 0.2)
_ASK_SECONDS = 0.5
_SEEN_SECONDS = 10.0
_GRACE_SECONDS = 3.0
_KILL_LOOK_SECONDS = 0.05


class RunWatcher:
    def __init__(self, kernel: KernelServices, repository: JobRepository, finisher: RunFinisher) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._secrets = kernel.secrets
        self._repository = repository
        self._finisher = finisher
        self._starting: set[asyncio.Future[int]] = set()
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    async def let_go(self) -> None:
        """Scripts go on without us."""
        await asyncio.gather(*self._starting, return_exceptions=True)
        for child in self._children.values():
            child.returncode = 0  # it is no longer ours to wait for, and Popen must not complain of that
        self._children.clear()

    async def carry(self, run: JobHostRun, step: JobStep) -> None:
        """Starts a run that is ours and watches it."""
        workspace = self._finisher.workspace(run)
        # A start goes through even when we are stopped meanwhile, so that its process is known or has never been.
        start = asyncio.ensure_future(asyncio.to_thread(self._start_child, workspace, step))
        self._starting.add(start)
        start.add_done_callback(self._starting.discard)
        try:
            pid = await asyncio.shield(start)
        except (OSError, LanguageMissing, SecretUnreadable) as error:
            outcome = Outcome(HostStatus.NOT_STARTED, error=HostError.NOT_STARTED, reason=f"not started: {error}")
            await self._finisher.finish(run, workspace, outcome)
            return
        await self._watch(run, step, workspace, pid)

    def _start_child(self, workspace: Workspace, step: JobStep) -> int:
        child = workspace.start(self._prepare(workspace, step))
        self._children[child.pid] = child
        return child.pid

    def _prepare(self, workspace: Workspace, step: JobStep) -> list[str]:
        payload = json.loads(self._secrets.open(step.payload_sealed, SCRIPT_PURPOSE))
        language = Language(step.script_language)
        interpreter = interpreter_for(language, hidden_parameters=step.is_param_sensitive)
        program = program_of(interpreter)
        script = workspace.folder / f"script{interpreter.suffix}"
        files = {script.name: payload["script"]}
        parameters: list[str] = payload["parameters"]
        if not step.is_param_sensitive:
            workspace.prepare(files)
            return command_line(program, script, parameters)
        hidden = workspace.folder / "parameters"
        workspace.prepare({**files, hidden.name: parameter_text(language, parameters)})
        return hidden_command_line(program, language, script, hidden)

    async def resume(self, run: JobHostRun, step: JobStep, before: ProcessIdentity) -> None:
        """Goes on with a run whose watcher died."""
        workspace = self._finisher.workspace(run)
        if not workspace.folder.exists() and before.host != this_process().host:
            reason = f"it was started on {before.host}, which says nothing any more"
            await self._finisher.finish(run, workspace, Outcome(HostStatus.FAILED, error=HostError.LOST, reason=reason))
            return
        if await asyncio.to_thread(_never_started, workspace):
            run.attempt += 1
            async with self._database.unit_of_work() as session:
                await self._repository.update_run(session, run.id, attempt=run.attempt)
            await self.carry(run, step)
            return
        pid = await asyncio.to_thread(workspace.pid)
        if pid is not None and workspace.is_alive(pid):
            await self._watch(run, step, workspace, pid)
            return
        await self._finisher.finish(
            run, workspace, _found(workspace, "its process was gone when the job system came back")
        )

    async def _watch(self, run: JobHostRun, step: JobStep, workspace: Workspace, pid: int) -> None:
        deadline = (run.start_ms or 0) / 1000 + step.timeout_seconds
        pause, most = _LOOK_SECONDS
        asked = seen = time.monotonic()
        while self._is_alive(workspace, pid):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, most)
            ending: Outcome | None = None
            if self._clock.now().timestamp() >= deadline:
                reason = f"ended after its timeout of {step.timeout_seconds} s"
                ending = Outcome(HostStatus.FAILED, error=HostError.TIMEOUT, reason=reason)
            elif workspace.log_size() > MAX_LOG_FILE:
                reason = f"ended because it wrote more than {MAX_LOG_FILE} bytes"
                ending = Outcome(HostStatus.FAILED, error=HostError.LOG_TOO_LONG, reason=reason)
            elif time.monotonic() - asked > _ASK_SECONDS:
                asked = time.monotonic()
                ending = await self._asked_to_end(run)
            if ending is not None and self._is_alive(workspace, pid):
                await self._kill(workspace, pid)
                await self._finisher.finish(run, workspace, ending)
                return
            if time.monotonic() - seen > _SEEN_SECONDS:
                seen = time.monotonic()
                async with self._database.unit_of_work() as session:
                    await self._repository.update_run(session, run.id, seen_at=self._clock.now())
        await self._finisher.finish(run, workspace, _found(workspace, "its process was ended by a signal from outside"))

    def _is_alive(self, workspace: Workspace, pid: int) -> bool:
        child = self._children.get(pid)
        if child is None:
            return workspace.is_alive(pid)
        if child.poll() is None:
            return True
        del self._children[pid]
        return False

    async def _asked_to_end(self, run: JobHostRun) -> Outcome | None:
        async with self._database.reading() as session:
            status = await self._repository.instance_status(session, run.job_instance_id)
        if status != JobStatus.TERMINATING:
            return None
        return Outcome(HostStatus.KILLED, error=HostError.TERMINATED, reason="terminated on request")

    async def _kill(self, workspace: Workspace, pid: int) -> None:
        """Asks the process group to end, then makes it."""
        for number, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
            signal_group(pid, number)
            for _ in range(int(seconds / _KILL_LOOK_SECONDS)):
                if not self._is_alive(workspace, pid):
                    break
                await asyncio.sleep(_KILL_LOOK_SECONDS)


def _never_started(workspace: Workspace) -> bool:
    """Whether the script has not run and now never will in this folder."""
    try:
        return workspace.take_unstarted()
    except FileNotFoundError:
        return True


def _found(workspace: Workspace, otherwise: str) -> Outcome:
    """The outcome of a process that has ended, from what it left."""
    code = workspace.exit_code()
    if code is not None:
        return Outcome(HostStatus.OK, code)
    return Outcome(HostStatus.FAILED, error=HostError.LOST, reason=otherwise)
