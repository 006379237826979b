"""Processes of the product that start at once: one has loaded everything, and forks the others.

A test that starts and kills many spends most of its time on imports otherwise. What is forked runs the command of an
installed `trunkline`, in a process of its own, and dies by the same signals.
"""

import gc
import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import SecretStr

from kernel.settings import Settings
from tests.support.passwords import CHEAP_HASHER
from tests.support.patience import PATIENCE_SECONDS
from tests.support.routes import share_routes

_ROOT = Path(__file__).parents[2]
_PROGRAM = "from tests.support.forking import serve; serve()"
_LOADED = (
    "trunkline.cli.serve",
    "trunkline.app",
    "gateway.dataplane.server",
    "gateway.mcp.unit",
    "orchestrator.runtime.wake_ups.carrier",
    "uvicorn.lifespan.on",
    "uvloop",
    "aiosqlite",
    "asyncpg",
)
"""What a server imports sooner or later."""
_LIVES = 1000


class Nursery:
    """Forks until it is closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT
        )

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> "Child":
        """A process of `trunkline` with these arguments; what it says goes to the end of `log`."""
        pid = self._ask({"arguments": list(arguments), "environment": dict(environment), "log": str(log)})
        return Child(self, pid)

    def poll(self, pid: int) -> int | None:
        """The exit code of a process that has ended; the negative number of a signal that ended it."""
        code = self._ask({"pid": pid})
        return None if code == _LIVES else code

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@dataclass(slots=True)
class Child:
    """What `subprocess.Popen` is for a process one has started oneself."""

    nursery: Nursery
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.nursery.poll(self.pid)
        return self.returncode

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("trunkline", timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def serve() -> None:
    """The nursery's own process: a line of JSON in, a number out."""
    gc.disable()  # as a server does while it loads what stays
    for name in _LOADED:
        importlib.import_module(name)
    vars(importlib.import_module("gateway.identity.users.passwords")).update(PasswordHasher=CHEAP_HASHER)
    share_routes()
    _build_once()
    # The processes of a server that has several; each would load everything anew.
    vars(importlib.import_module("uvicorn._subprocess")).update(spawn=multiprocessing.get_context("fork"))
    gc.collect()
    gc.freeze()
    gc.enable()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        answer = _ended(order["pid"]) if "pid" in order else _fork(order)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _build_once() -> None:
    """A server that is never started: the next ones share its routes, and what is made at first use."""
    build_server = vars(importlib.import_module("trunkline.app"))["build_server"]
    with tempfile.TemporaryDirectory() as folder:
        build_server(Settings(data_dir=Path(folder), secret_key=SecretStr("00" * 32)), works=True)


def _ended(pid: int) -> int:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else _LIVES


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(order)
    return pid


def _become(order: dict[str, Any]) -> NoReturn:
    from trunkline.cli import main  # noqa: PLC0415

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["trunkline", *order["arguments"]]
    code: Any = 1
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)
