"""Where the demo happens: a real server process of its own, a mailbox, and a tap before the inventory."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from kernel.first_start import FILE_NAME
from trunkline.cli.client import TOKEN_FILE
from trunkline.demo.api import DemoFailed
from trunkline.demo.mailbox import Mailbox
from trunkline.demo.tap import Tap

_PASSWORD = "TRUNKLINE_ADMIN_PASSWORD"
_READY_SECONDS = 60
_STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Place:
    """Attributes:
    tap: what is sent to the inventory passes here.
    """

    url: str
    data_dir: Path
    mailbox: Mailbox
    tap: Tap
    server: asyncio.subprocess.Process

    @property
    def token(self) -> str:
        return (self.data_dir / TOKEN_FILE).read_text(encoding="utf-8").strip()

    @property
    def admin_password(self) -> str:
        if _PASSWORD in os.environ:
            return os.environ[_PASSWORD]
        lines = (self.data_dir / FILE_NAME).read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)[_PASSWORD]


@contextlib.asynccontextmanager
async def open_place(host: str, port: int | None, data: Path | None) -> AsyncIterator[Place]:
    """Starts everything and stops it again; without `data` in a folder that goes away with it."""
    with contextlib.ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trunkline-demo-")))
        chosen = port or free_port()
        mailbox, tap = Mailbox(free_port()), Tap(free_port(), chosen)
        mailbox.start()
        stack.callback(mailbox.stop)
        await tap.start()
        server = await _start_server(host, chosen, folder, mailbox, tap)
        try:
            url = f"http://{host}:{chosen}"
            await _until_ready(url, server)
            yield Place(url, folder, mailbox, tap, server)
        finally:
            await tap.stop()
            await _stop_server(server)


async def _start_server(host: str, port: int, folder: Path, mailbox: Mailbox, tap: Tap) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "TRUNKLINE_JOB_LOCAL_HOSTS": "own",
        "TRUNKLINE_REGISTER_EMBEDDED": "false",  # the demo shows how that is done
        "TRUNKLINE_SMTP_HOST": "127.0.0.1",
        "TRUNKLINE_SMTP_PORT": str(mailbox.port),
        "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": f"http://127.0.0.1:{tap.port}",
    }
    command = [sys.executable, "-m", "trunkline", "serve", "--host", host, "--port", str(port), "--data", str(folder)]
    return await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)


async def _stop_server(server: asyncio.subprocess.Process) -> None:
    if server.returncode is not None:
        return
    server.terminate()
    try:
        await asyncio.wait_for(server.wait(), _STOP_SECONDS)
    except TimeoutError:
        server.kill()
        await server.wait()


async def _until_ready(url: str, server: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(timeout=2) as http:
        for _ in range(_READY_SECONDS * 10):
            if server.returncode is not None:
                raise DemoFailed(f"The server ended with code {server.returncode} before it was ready")
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(f"{url}/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise DemoFailed(f"The server was not ready after {_READY_SECONDS} seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
