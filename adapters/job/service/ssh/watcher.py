"""One run of a script on a host that is reached by SSH: started, heard, ended when it must be.

A script that has started hangs on its connection. When that is lost, or the process that held it, the run is marked
lost: whether the script went on is unknown, and it is never run a second time.
"""

import asyncio
import json

import asyncssh

from adapters.job.service.finishing import RunFinisher
from adapters.job.service.languages import Language, LanguageMissing, interpreter_for
from adapters.job.service.models import JobHostRun, JobStep
from adapters.job.service.outcomes import Outcome
from adapters.job.service.repository import JobRepository
from adapters.job.service.ssh.connector import Connector, HostRefused
from adapters.job.service.ssh.endings import Ending, Endings, end, first_of
from adapters.job.service.ssh.execution import SIGNALLED, Conversation, RemoteScript, Shell
from adapters.job.service.ssh.login import AccountGone, Login, LoginReader, Place
from adapters.job.service.ssh.program import Script, script_program
from adapters.job.service.states import HostError, HostStatus
from adapters.job.service.workspace import MAX_LOG_FILE, SCRIPT_PURPOSE, Workspace
from kernel.machine import ProcessIdentity, this_process
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices

_AFTER_KILL_SECONDS = 5.0
_LOST = "the connection was lost while the script ran; whether it went on is unknown"
_WATCHER_GONE = "the job system stopped while the script ran; whether it went on is unknown"


class SshWatcher:
    def __init__(
        self,
        kernel: KernelServices,
        repository: JobRepository,
        finisher: RunFinisher,
        logins: LoginReader,
        connector: Connector,
        endings: Endings,
    ) -> None:
        self._database = kernel.database
        self._secrets = kernel.secrets
        self._repository = repository
        self._finisher = finisher
        self._logins = logins
        self._connector = connector
        self._endings = endings

    async def carry(self, run: JobHostRun, step: JobStep) -> None:
        """Starts a run that is ours and hears it to its end."""
        workspace = self._finisher.workspace(run)
        workspace.prepare({})
        with self._endings.of(run, step) as ending:
            outcome = await self._outcome(run, step, workspace, ending)
        await self._finisher.finish(run, workspace, outcome)

    async def resume(self, run: JobHostRun, step: JobStep, before: ProcessIdentity) -> None:
        """Takes up a run whose watcher died: started anew only if it is proven never to have started."""
        workspace = self._finisher.workspace(run)
        if _never_started(workspace, before):
            run.attempt += 1
            async with self._database.unit_of_work() as session:
                await self._repository.update_run(session, run.id, attempt=run.attempt)
            await self.carry(run, step)
            return
        lost = Outcome(HostStatus.FAILED, error=HostError.LOST, reason=_WATCHER_GONE)
        await self._finisher.finish(run, workspace, lost)

    async def _outcome(self, run: JobHostRun, step: JobStep, workspace: Workspace, ending: Ending) -> Outcome:
        work = asyncio.ensure_future(self._executed(run, step, workspace, ending))
        try:
            # What must end before it has connected is not waited for.
            await first_of(work, ending)
            if not work.done() and not workspace.is_taken():
                return ending.result()
            return await work
        finally:
            work.cancel()
            await asyncio.wait({work})

    async def _executed(self, run: JobHostRun, step: JobStep, workspace: Workspace, ending: Ending) -> Outcome:
        try:
            script = self._script(step)
            login = await self._logins.login(step.account_id or 0)
            place = Place(run.bk_cloud_id, run.ip, login.port)
            async with self._connector.connected(place, login) as connection:
                return await self._heard(connection, login, script, workspace, ending)
        except HostRefused as refusal:
            return Outcome(HostStatus.NO_AGENT, error=refusal.error, reason=str(refusal))
        except (AccountGone, LanguageMissing, SecretUnreadable) as error:
            return Outcome(HostStatus.NOT_STARTED, error=HostError.NOT_STARTED, reason=f"not started: {error}")

    def _script(self, step: JobStep) -> Script:
        payload = json.loads(self._secrets.open(step.payload_sealed, SCRIPT_PURPOSE))
        language = Language(step.script_language)
        interpreter = interpreter_for(language, hidden_parameters=step.is_param_sensitive)
        return Script(
            language, interpreter, payload["script"], tuple(payload["parameters"]), hidden=step.is_param_sensitive
        )

    async def _heard(
        self,
        connection: asyncssh.SSHClientConnection,
        login: Login,
        script: Script,
        workspace: Workspace,
        ending: Ending,
    ) -> Outcome:
        def write(data: bytes) -> None:
            try:
                wrong = f"it wrote more than {MAX_LOG_FILE} bytes" if workspace.append(data) > MAX_LOG_FILE else ""
            except OSError as error:
                wrong = f"its log can't be kept: {error.strerror}"
            if wrong:
                reason = f"ended because {wrong}"
                end(ending, Outcome(HostStatus.FAILED, error=HostError.LOG_TOO_LONG, reason=reason))

        remote = RemoteScript(Shell(connection, login.sudo_user, login.secrets.sudo_password), write)
        if not workspace.take_unstarted():
            return Outcome(HostStatus.FAILED, error=HostError.LOST, reason=_WATCHER_GONE)
        try:
            conversation = await remote.start(lambda token: script_program(script, token))
        except (OSError, asyncssh.Error) as error:
            text = f"the host starts no shell: {error}"
            return Outcome(HostStatus.NOT_STARTED, error=HostError.NOT_STARTED, reason=text)
        await first_of(conversation.ended, ending)
        if not conversation.ended.done():
            return await _killed(remote, conversation, ending.result())
        return _ended(remote, conversation.ended.result())


def _never_started(workspace: Workspace, before: ProcessIdentity) -> bool:
    """Whether the script was certainly not sent: what was on another machine says nothing here."""
    if not workspace.folder.exists():
        return before.host == this_process().host
    return workspace.take_unstarted()


async def _killed(remote: RemoteScript, conversation: Conversation, ending: Outcome) -> Outcome:
    """Ends the script. What could not be ended is told as such."""
    try:
        await remote.kill()
        await asyncio.wait_for(asyncio.shield(conversation.ended), _AFTER_KILL_SECONDS)
    except (OSError, asyncssh.Error, TimeoutError):
        conversation.close()
        reason = f"could not be ended on the host: {ending.reason}"
        return Outcome(HostStatus.KILL_FAILED, error=ending.error, reason=reason)
    if conversation.ended.result() is None:
        return Outcome(HostStatus.FAILED, error=HostError.LOST, reason=_LOST)
    return ending


def _ended(remote: RemoteScript, code: int | None) -> Outcome:
    if remote.has_started:
        if code is None:
            return Outcome(HostStatus.FAILED, error=HostError.LOST, reason=_LOST)
        if code == SIGNALLED:
            return Outcome(HostStatus.FAILED, error=HostError.SIGNALLED, reason="ended by a signal")
        return Outcome(HostStatus.OK, code)
    words = remote.words_before[-800:] or ("the connection was lost" if code is None else f"exit code {code}")
    if code is None:
        return Outcome(HostStatus.FAILED, error=HostError.LOST, reason=f"{_LOST}: {words}")
    return Outcome(HostStatus.NOT_STARTED, error=HostError.NOT_STARTED, reason=f"not started: {words}")
