"""SSH servers on loopback: real ones, that run commands as processes of this machine."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from tests.support.server import free_port

USER, PASSWORD = "deploy", "correct horse"
CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")


class _Door(asyncssh.SSHServer):
    """Lets one user in, by password or key."""

    def __init__(self, host: "SshHost") -> None:
        self._host = host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._host.connections.append(conn)

    def begin_auth(self, _username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._host.passwords.append(password)
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key == CLIENT_KEY.convert_to_public()

    def connection_requested(self, _host: str, port: int, _origin: str, _origin_port: int) -> bool:
        self._host.passed_on.append(port)
        return True


@dataclass
class SshHost:
    """Attributes:
    commands: what was asked to be executed. passwords: what was tried. passed_on: ports it was a jump host for.
    home: where commands run; `PATH` begins with its `bin`.
    """

    ip: str
    port: int
    home: Path
    key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    commands: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    passed_on: list[int] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        return self.key.export_public_key("openssh").decode()

    def die(self) -> None:
        """The network to it breaks off."""
        for connection in self.connections:
            connection.abort()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["SshHost"]:
        server = await asyncssh.create_server(
            lambda: _Door(self),
            self.ip,
            self.port,
            server_host_keys=[self.key],
            process_factory=self._execute,
            encoding=None,
            sftp_factory=True,
        )
        try:
            yield self
        finally:
            server.close()
            self.die()
            for process in self.processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            await server.wait_closed()

    async def _execute(self, asked: asyncssh.SSHServerProcess[bytes]) -> None:
        self.commands.append(asked.command or "")
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            asked.command or "",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # as OpenSSH does
            cwd=self.home,
            env={"PATH": f"{self.home}/bin:{os.environ['PATH']}", "HOME": str(self.home)},
        )
        self.processes.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        pumps = [
            asyncio.create_task(_pump(asked.stdin, process.stdin)),
            asyncio.create_task(_pump(process.stdout, asked.stdout)),
            asyncio.create_task(_pump(process.stderr, asked.stderr)),
        ]
        code = await _exit_code(process)
        await asyncio.wait(pumps[1:], timeout=0.3)
        for pump in pumps:
            pump.cancel()
        await asyncio.wait(pumps)
        process._transport.close()  # type: ignore[attr-defined]  the one way to let go of a pipe that is not at its end
        with contextlib.suppress(OSError, asyncssh.Error):
            asked.exit(code if code >= 0 else 128 - code)


async def _exit_code(process: asyncio.subprocess.Process) -> int:
    """As soon as the process itself has ended; its `wait` would wait for all who hold its output, too."""
    while process.returncode is None:  # noqa: ASYNC110  nothing tells it
        await asyncio.sleep(0.02)
    return process.returncode


async def _pump(source: Any, sink: Any) -> None:
    with contextlib.suppress(OSError, asyncssh.Error):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    if isinstance(sink, asyncio.StreamWriter):
        sink.close()


@contextlib.asynccontextmanager
async def ssh_hosts(folder: Path, count: int) -> AsyncIterator[list[SshHost]]:
    """Hosts at 127.0.0.1, 127.0.0.2, …, all at one port."""
    port = free_port()
    async with contextlib.AsyncExitStack() as stack:
        hosts = []
        for number in range(1, count + 1):
            home = folder / f"host{number}"
            (home / "bin").mkdir(parents=True)
            hosts.append(await stack.enter_async_context(SshHost(f"127.0.0.{number}", port, home).serving()))
        yield hosts
