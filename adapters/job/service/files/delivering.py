"""Puts files onto a target, each whole or not at all: written under another name and then renamed."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import asyncssh

from adapters.job.service.files.copying import copy
from adapters.job.service.files.plan import FilePlan, TransferMode
from adapters.job.service.files.spool import Fetched
from adapters.job.service.ssh.execution import Shell
from adapters.job.service.ssh.login import Login
from adapters.job.service.ssh.program import install_program, new_token

_MOST_WORDS = 800


class Target(Protocol):
    async def put(self, file: Fetched, plan: FilePlan) -> None:
        """Raises:
        OSError, asyncssh.Error: it could not be put there; nothing lies under its name that wasn't there before.
        """
        ...


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """Args:
    mark: tells this run's unfinished files from others'.
    """

    mark: str

    async def put(self, file: Fetched, plan: FilePlan) -> None:
        await asyncio.to_thread(self._put, file, plan)

    def _put(self, file: Fetched, plan: FilePlan) -> None:
        target = Path(plan.target_of(file.name))
        if plan.mode is TransferMode.FORCE or Path(plan.folder).is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{self.mark}")
        try:
            shutil.copyfile(file.at, unfinished)
            unfinished.chmod(file.mode)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class BySftp:
    sftp: asyncssh.SFTPClient
    mark: str

    async def put(self, file: Fetched, plan: FilePlan) -> None:
        target = PurePosixPath(plan.target_of(file.name))
        if plan.mode is TransferMode.FORCE or (_is_nested(file) and await self.sftp.isdir(plan.folder)):
            await self.sftp.makedirs(target.parent, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{self.mark}")
        try:
            await upload(self.sftp, file, unfinished, plan.download_limit)
            await self.sftp.posix_rename(unfinished, target)
        except BaseException:
            await discard(self.sftp, unfinished)
            raise


@dataclass(frozen=True, slots=True)
class BySudo:
    """First to a place of the account's own, since SFTP is served to it and not to the user it becomes."""

    connection: asyncssh.SSHClientConnection
    sftp: asyncssh.SFTPClient
    login: Login
    mark: str

    async def put(self, file: Fetched, plan: FilePlan) -> None:
        resting = PurePosixPath(f"/tmp/.trunkline-{new_token()}")  # noqa: S108  a name nobody can guess, readable by its owner
        shell = Shell(self.connection, self.login.sudo_user, self.login.secrets.sudo_password)
        program = install_program(
            str(resting),
            plan.target_of(file.name),
            self.mark,
            file.mode,
            folder_first=plan.folder if plan.mode is TransferMode.STRICT else "",
        )
        words = bytearray()
        try:
            await upload(self.sftp, file, resting, plan.download_limit)
            conversation = await shell.start(program, new_token(), words.extend)
            if await conversation.ended != 0:
                raise OSError(words[-_MOST_WORDS:].decode(errors="replace").strip() or "refused")
        finally:
            await discard(self.sftp, resting)


def _is_nested(file: Fetched) -> bool:
    return "/" in file.name


async def upload(sftp: asyncssh.SFTPClient, file: Fetched, path: PurePosixPath, limit: int | None) -> None:
    private = asyncssh.SFTPAttrs(permissions=0o600)
    with await asyncio.to_thread(file.at.open, "rb") as here:
        async with sftp.open(path, "wb", private) as remote:
            await copy(lambda most: asyncio.to_thread(here.read, most), remote.write, limit)
            await remote.chmod(file.mode)


async def discard(sftp: asyncssh.SFTPClient, path: PurePosixPath) -> None:
    """Removes what is unfinished, if the host can still be told to."""
    try:
        await asyncio.wait_for(sftp.remove(path), 3)
    except (OSError, asyncssh.Error, TimeoutError):
        return
