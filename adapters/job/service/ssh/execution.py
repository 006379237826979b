"""A script on a host over an open connection: sent, heard, ended."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncssh

from adapters.job.service.ssh.program import kill_program, new_token, shell_command, shell_input

_SILENT_SECONDS = 0.5
_TRAILING_SECONDS = 30.0
"""How long output is awaited after the exit code, while it still comes: a process left in the background may hold it
open for ever."""
_KILL_SECONDS = 15.0
SIGNALLED = -1
_MOST_BEFORE_START = 64 * 1024


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell on the host: as the account, or as the user it becomes by sudo."""

    connection: asyncssh.SSHClientConnection
    sudo_user: str
    sudo_password: str = field(repr=False)

    async def start(self, program: str, token: str, hear: Callable[[bytes], object]) -> "Conversation":
        """Starts a program of ours.

        Args:
            hear: gets all that it writes.

        Raises:
            OSError, asyncssh.Error: the host starts no shell.
        """
        conversation = Conversation(hear)
        channel, _ = await self.connection.create_session(
            lambda: conversation, shell_command(self.sudo_user, token), encoding=None
        )
        channel.write(shell_input(program, self.sudo_user, self.sudo_password, token))
        channel.write_eof()
        return conversation


class Conversation(asyncssh.SSHClientSession[bytes]):
    """One program under way.

    Attributes:
        ended: its exit code, -1 if a signal ended it; none when the connection was lost before.
    """

    def __init__(self, hear: Callable[[bytes], object]) -> None:
        self._hear = hear
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._code: int | None = None
        self._heard_at = 0.0
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, _datatype: int | None) -> None:
        self._heard_at = time.monotonic()
        self._hear(data)

    def exit_status_received(self, status: int) -> None:
        self._code = status
        self._heard_at = time.monotonic()
        self._close_when_silent(self._heard_at + _TRAILING_SECONDS)

    def exit_signal_received(self, _signal: str, _core_dumped: bool, _message: str, _language: str) -> None:  # noqa: FBT001  asyncssh's signature
        self.exit_status_received(SIGNALLED)

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(self._code)

    def _close_when_silent(self, at_last: float) -> None:
        now = time.monotonic()
        if now >= min(self._heard_at + _SILENT_SECONDS, at_last):
            self.close()
        else:
            asyncio.get_running_loop().call_later(_SILENT_SECONDS, self._close_when_silent, at_last)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.abort()


class RemoteScript:
    """Args:
    write: gets the script's output.
    """

    def __init__(self, shell: Shell, write: Callable[[bytes], None]) -> None:
        self._shell = shell
        self._write = write
        self._token = new_token()
        self._first_line = re.compile(rb"(?:^|\n)%s (\d+)\n" % self._token.encode())
        self._before = b""
        self._group: int | None = None

    @property
    def has_started(self) -> bool:
        return self._group is not None

    @property
    def words_before(self) -> str:
        """What the host said instead of starting the script: sudo's complaint, or the shell's."""
        return self._before.decode(errors="replace").strip()

    async def start(self, program_with: Callable[[str], str]) -> Conversation:
        """Args:
        program_with: makes the program from the token that marks its first line.
        """
        return await self._shell.start(program_with(self._token), self._token, self._hear)

    async def kill(self) -> None:
        """Ends the process group of a script that has started. The connection may be lost meanwhile: then nothing ends.

        Raises:
            OSError, asyncssh.Error, TimeoutError: it could not be told to.
        """
        if self._group is None:
            return
        async with asyncio.timeout(_KILL_SECONDS):
            conversation = await self._shell.start(kill_program(self._group), new_token(), lambda _data: None)
            await conversation.ended

    def _hear(self, data: bytes) -> None:
        if self._group is not None:
            self._write(data)
            return
        self._before += data
        found = self._first_line.search(self._before)
        if found is not None:
            self._group = int(found[1])
            self._write(self._before[found.end() :])
            self._before = b""
        elif len(self._before) > _MOST_BEFORE_START:
            self._before = self._before[-_MOST_BEFORE_START:]
