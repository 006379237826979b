"""One target of a file distribution. It may be begun again at any time: a file is there whole or as it was."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import PurePosixPath
from typing import Any

import asyncssh

from adapters.job.service.files.copying import TooLong
from adapters.job.service.files.delivering import BySftp, BySudo, Target, ThisMachine
from adapters.job.service.files.plan import FilePlan, SourceKind
from adapters.job.service.files.spool import ElsewhereReader, Fetched, Spool, failed
from adapters.job.service.finishing import RunFinisher
from adapters.job.service.models import JobHostRun, JobStep
from adapters.job.service.outcomes import Outcome
from adapters.job.service.repository import JobRepository
from adapters.job.service.ssh.connector import Connector, HostRefused
from adapters.job.service.ssh.endings import Endings, first_of
from adapters.job.service.ssh.login import AccountGone, LoginReader, Place
from adapters.job.service.states import FileStatus, HostError, HostStatus
from adapters.job.service.workspace import FILES_PURPOSE
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices

_UP, _DOWN = 0, 1
_TELL_SECONDS = 1.0


class FileWatcher:
    def __init__(
        self,
        kernel: KernelServices,
        repository: JobRepository,
        finisher: RunFinisher,
        logins: LoginReader,
        connector: Connector,
        endings: Endings,
        elsewhere: Mapping[SourceKind, ElsewhereReader],
    ) -> None:
        self._database = kernel.database
        self._secrets = kernel.secrets
        self._repository = repository
        self._finisher = finisher
        self._logins = logins
        self._connector = connector
        self._endings = endings
        self._spool = Spool(kernel, logins, connector, elsewhere)

    def clear_leftovers(self) -> None:
        self._spool.clear_leftovers()

    async def carry(self, run: JobHostRun, step: JobStep) -> None:
        """Brings the files of a run that is ours, or brings them once more."""
        with self._endings.of(run, step) as ending:
            work = asyncio.ensure_future(self._transferred(run, step))
            try:
                await first_of(work, ending)
                outcome = work.result() if work.done() else ending.result()
            finally:
                work.cancel()
                await asyncio.wait({work})
        await self._finisher.finish(run, self._finisher.workspace(run), outcome)

    async def _transferred(self, run: JobHostRun, step: JobStep) -> Outcome:
        try:
            plan = FilePlan.loaded(self._secrets.open(step.payload_sealed, FILES_PURPOSE).decode())
            async with AsyncExitStack() as stack:
                target = await stack.enter_async_context(self._target(run, step))
                files: list[Fetched] = []
                for number in range(len(plan.sources)):
                    files += await self._fetched(stack, step, number, plan)
                return await self._put(run, target, plan, files)
        except HostRefused as refusal:
            return Outcome(HostStatus.NO_AGENT, error=refusal.error, reason=str(refusal))
        except (AccountGone, SecretUnreadable, OSError, asyncssh.Error) as error:
            return Outcome(HostStatus.NOT_STARTED, error=HostError.NOT_STARTED, reason=f"not started: {error}")

    async def _fetched(self, stack: AsyncExitStack, step: JobStep, number: int, plan: FilePlan) -> list[Fetched]:
        source = plan.sources[number]
        opening = self._spool.fetched(step.step_instance_id, number, source, plan.upload_limit)
        try:
            return list(await stack.enter_async_context(opening))
        except (HostRefused, AccountGone) as refusal:
            return [failed(source, path, f"source {source.ip}: {refusal}") for path in source.paths]

    @asynccontextmanager
    async def _target(self, run: JobHostRun, step: JobStep) -> AsyncIterator[Target]:
        mark = f"trunkline-{run.id}"
        if step.account_id is None:
            yield ThisMachine(mark)
            return
        login = await self._logins.login(step.account_id)
        async with (
            self._connector.connected(Place(run.bk_cloud_id, run.ip, login.port), login) as connection,
            connection.start_sftp_client() as sftp,
        ):
            yield BySudo(connection, sftp, login, mark) if login.sudo_user else BySftp(sftp, mark)

    async def _put(self, run: JobHostRun, target: Target, plan: FilePlan, files: list[Fetched]) -> Outcome:
        entries: list[dict[str, Any]] = []
        wrong: list[str] = []
        names: set[str] = set()
        told = 0.0
        for file in files:
            error = file.error or await _delivered(target, plan, file, names)
            names.add(file.name)
            entries += _entries(run, plan, file, error)
            if error:
                wrong.append(f"{file.path} {error}")
            if time.monotonic() - told > _TELL_SECONDS:
                told = time.monotonic()
                await self._tell(run, entries)
        await self._tell(run, entries)
        if wrong:
            return Outcome(HostStatus.FAILED, error=HostError.FILE, reason="; ".join(wrong)[:1000])
        return Outcome(HostStatus.OK)

    async def _tell(self, run: JobHostRun, entries: list[dict[str, Any]]) -> None:
        async with self._database.unit_of_work() as session:
            await self._repository.update_run(session, run.id, files=entries)


async def _delivered(target: Target, plan: FilePlan, file: Fetched, names: Collection[str]) -> str:
    """Why a file could not be put there; empty when it could."""
    if file.name in names:
        return f"is not put there: another file came to {plan.target_of(file.name)} before"
    try:
        await target.put(file, plan)
    except (OSError, asyncssh.Error, TooLong) as refusal:
        return f"can't be put there: {refusal}"
    return ""


def _entries(run: JobHostRun, plan: FilePlan, file: Fetched, error: str) -> list[dict[str, Any]]:
    """What a host's log tells of a file: its way up from the source, and its way down to the target."""
    source = {"bk_cloud_id": file.source.cloud_id, "ip": file.source.ip}
    up = {
        "mode": _UP,
        "src_ip": source,
        "src_path": file.path,
        "dest_ip": None,
        "dest_path": "",
        "status": FileStatus.FAILED if file.error else FileStatus.OK,
        "log_content": file.error or f"{PurePosixPath(file.path).name}: {file.size} bytes",
    }
    down = {
        **up,
        "mode": _DOWN,
        "dest_ip": {"bk_cloud_id": run.bk_cloud_id, "ip": run.ip},
        "dest_path": plan.target_of(file.name),
        "status": FileStatus.FAILED if error else FileStatus.OK,
        "log_content": error or up["log_content"],
    }
    return [up, down]
