"""Files on their way: fetched once from their source for all targets, and gone with the last of them."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import asyncssh

from adapters.job.service.files.copying import MAX_FILE, TooLong, copy
from adapters.job.service.files.finding import BySftp, ByShell, Lister, OnThisMachine, find
from adapters.job.service.files.plan import Source, SourceKind
from adapters.job.service.shared import Shared
from adapters.job.service.ssh.connector import Connector
from adapters.job.service.ssh.execution import Shell
from adapters.job.service.ssh.login import LoginReader, Place
from adapters.job.service.ssh.program import new_token, read_program
from kernel.machine import ProcessIdentity, is_gone, this_process
from kernel.services import KernelServices

_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Fetched:
    """Attributes:
    name: where it comes to, below the folder of the target.
    at: where it lies here. error: why it doesn't; empty otherwise.
    mode: its permission bits.
    """

    source: Source
    path: str
    name: str
    at: Path = Path()
    size: int = 0
    mode: int = _MODE
    error: str = ""


class ElsewhereReader(Protocol):
    """Reads what comes from elsewhere than hosts."""

    async def read(self, wanted: Fetched, limit: int | None) -> Fetched:
        """Fetches one file to its place here.

        Args:
            limit: MiB a second.

        Raises:
            OSError, TooLong: it can't be had.
        """
        ...


class Spool:
    def __init__(
        self,
        kernel: KernelServices,
        logins: LoginReader,
        connector: Connector,
        elsewhere: Mapping[SourceKind, ElsewhereReader],
    ) -> None:
        self._elsewhere = elsewhere
        self._root = kernel.settings.data_dir.resolve() / "job-files"
        self._logins = logins
        self._connector = connector
        self._shared: Shared[Sequence[Fetched]] = Shared(lambda _fetched: False)

    def clear_leftovers(self) -> None:
        """Removes what processes left that were killed."""
        for folder in self._root.glob("*"):
            host, _, rest = folder.name.rpartition(".")
            pid, _, started = rest.partition("-")
            if is_gone(ProcessIdentity(host, int(pid), int(started))):
                shutil.rmtree(folder, ignore_errors=True)

    @asynccontextmanager
    async def fetched(
        self, step_id: int, number: int, source: Source, limit: int | None
    ) -> AsyncIterator[Sequence[Fetched]]:
        """The files of a step's source, each here or with its error.

        Raises:
            HostRefused: the source was not reached.
            AccountGone, SecretUnreadable: its account can't be used.
        """
        async with self._shared.used((step_id, number), lambda: self._fetching(step_id, number, source, limit)) as all_:
            yield all_

    @asynccontextmanager
    async def _fetching(
        self, step_id: int, number: int, source: Source, limit: int | None
    ) -> AsyncIterator[Sequence[Fetched]]:
        me = this_process()
        folder = self._root / f"{me.host}.{me.pid}-{me.started}" / f"{step_id}-{number}"
        await asyncio.to_thread(lambda: folder.mkdir(mode=0o700, parents=True))
        try:
            if source.kind in self._elsewhere:
                yield await self._from_elsewhere(source, folder, limit)
            elif source.account_id is None:
                yield await _copied_all(source, folder)
            else:
                yield await self._over_ssh(source, source.account_id, folder, limit)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _from_elsewhere(self, source: Source, folder: Path, limit: int | None) -> Sequence[Fetched]:
        reader = self._elsewhere[source.kind]
        wanted = [
            Fetched(source, path, PurePosixPath(path).name, folder / str(number))
            for number, path in enumerate(source.paths)
        ]
        return [await _fetched(one, reader.read(one, limit)) for one in wanted]

    async def _over_ssh(self, source: Source, account_id: int, folder: Path, limit: int | None) -> Sequence[Fetched]:
        login = await self._logins.login(account_id)
        async with self._connector.connected(Place(source.cloud_id, source.ip, login.port), login) as connection:
            if login.sudo_user:
                shell = Shell(connection, login.sudo_user, login.secrets.sudo_password)
                wanted = await _wanted(ByShell(shell), source, folder)
                return [await _fetched(one, _read_by_sudo(shell, one)) for one in wanted]
            async with connection.start_sftp_client() as sftp:
                wanted = await _wanted(BySftp(sftp), source, folder)
                return [await _fetched(one, _read_by_sftp(sftp, one, limit)) for one in wanted]


async def _wanted(lister: Lister, source: Source, folder: Path) -> Sequence[Fetched]:
    """What is to be fetched, each with a place here; a path that means nothing with its error."""
    wanted: list[Fetched] = []
    for path in source.paths:
        try:
            found = await find(lister, path)
        except (OSError, asyncssh.Error) as error:
            wanted.append(failed(source, path, f"can't be read: {error}"))
            continue
        wanted += [
            Fetched(source, one.path, one.name, folder / str(len(wanted) + number)) for number, one in enumerate(found)
        ]
    return wanted


def failed(source: Source, path: str, error: str) -> Fetched:
    return Fetched(source, path, PurePosixPath(path).name, error=error)


async def _fetched(wanted: Fetched, reading: Coroutine[Any, Any, Fetched]) -> Fetched:
    if wanted.error:
        reading.close()
        return wanted
    try:
        return await reading
    except (OSError, asyncssh.Error, TooLong) as error:
        wanted.at.unlink(missing_ok=True)
        return replace(wanted, error=f"can't be read: {error}")


async def _read_by_sftp(sftp: asyncssh.SFTPClient, wanted: Fetched, limit: int | None) -> Fetched:
    async with sftp.open(wanted.path, "rb") as remote:
        found = await remote.stat()
        if found.permissions is not None and not stat.S_ISREG(found.permissions):
            raise OSError("is no file")
        with await asyncio.to_thread(wanted.at.open, "wb") as here:
            size = await copy(remote.read, lambda piece: asyncio.to_thread(here.write, piece), limit)
    mode = stat.S_IMODE(found.permissions) & 0o777 if found.permissions is not None else _MODE
    return replace(wanted, size=size, mode=mode)


async def _read_by_sudo(shell: Shell, wanted: Fetched) -> Fetched:
    """By a shell, since SFTP is served to the account that entered and not to the user it becomes."""
    with await asyncio.to_thread(wanted.at.open, "wb") as here:
        conversation = await shell.start(read_program(wanted.path, MAX_FILE), new_token(), here.write)
        if await conversation.ended != 0:
            raise OSError("no such file, too long, or not to be read")
        size = here.tell()
    return replace(wanted, size=size)


async def _copied_all(source: Source, folder: Path) -> Sequence[Fetched]:
    wanted = await _wanted(OnThisMachine(), source, folder)
    return [await asyncio.to_thread(_copied, one) for one in wanted]


def _copied(wanted: Fetched) -> Fetched:
    if wanted.error:
        return wanted
    path = Path(wanted.path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return replace(wanted, error="can't be read: is no file")
        shutil.copyfile(path, wanted.at)
    except OSError as error:
        return replace(wanted, error=f"can't be read: {error}")
    return replace(wanted, size=found.st_size, mode=stat.S_IMODE(found.st_mode) & 0o777)
