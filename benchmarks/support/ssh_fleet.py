"""Simulated hosts: SSH servers of asyncssh on addresses of loopback, which run commands as real processes.

A process of its own, started as `python -m benchmarks.support.ssh_fleet PORT FIRST COUNT FOLDER`: hosts of these
numbers, all with the host key and for the one client's key of the folder. It tells `ready` when all of them listen.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import asyncssh

USER = "deploy"
_PIECE = 65536


def address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def write_keys(folder: Path) -> None:
    for name in ("host", "client"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(folder / f"{name}_key")
        (folder / f"{name}_key").chmod(0o600)
        key.write_public_key(folder / f"{name}_key.pub")


async def _execute(asked: "asyncssh.SSHServerProcess[bytes]") -> None:
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", asked.command or "",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    if process.stdin is None or process.stdout is None:
        return
    feeding = asyncio.create_task(_feed(asked, process.stdin))
    while data := await process.stdout.read(_PIECE):
        asked.stdout.write(data)
    code = await process.wait()
    feeding.cancel()
    with contextlib.suppress(OSError, asyncssh.Error):
        asked.exit(code if code >= 0 else 128 - code)


async def _feed(asked: "asyncssh.SSHServerProcess[bytes]", sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncssh.Error):
        while data := await asked.stdin.read(_PIECE):
            sink.write(data)
            await sink.drain()
    sink.close()


async def main(port: int, first: int, count: int, folder: Path) -> None:
    server = await asyncssh.listen(
        [address(number) for number in range(first, first + count)],
        port,
        server_host_keys=[str(folder / "host_key")],
        authorized_client_keys=str(folder / "client_key.pub"),
        process_factory=_execute,
        encoding=None,
        sftp_factory=True,
        backlog=1024,
        login_timeout=300,
    )
    print("ready", flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    os.umask(0o077)
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
