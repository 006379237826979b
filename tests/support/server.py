"""A real `trunkline serve` process, and a client of its management API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.forking import Child, Nursery
from tests.support.patience import PATIENCE_SECONDS

_START_SECONDS = 60
_USUAL = {
    "TRUNKLINE_JOB_LOCAL_HOSTS": "own",
    "TRUNKLINE_REGISTER_EMBEDDED": "false",
    "TRUNKLINE_PLUGIN_REVIEW": "off",
}
"""Tests register what they need themselves, which is quicker, and whoever publishes in one does so alone."""
_held: list[socket.socket] = []


def free_port() -> int:
    """A port for servers of this process alone, one after the other: nobody else is given it as long as it lives.

    It stays bound, so the system hands it out to no other socket. A server can listen on it all the same, since all set
    `SO_REUSEADDR` and nobody listens here.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    port: int = held.getsockname()[1]
    return port


def migrated(folder: Path, template: Path) -> Path:
    """A new data directory with a copy of `template` as its database: a first start spends most of its time on that."""
    folder.mkdir(0o700)
    shutil.copy(template, folder / "trunkline.db")
    return folder


@dataclass(slots=True)
class ServerProcess:
    """One server on its data directory; may be killed and started again.

    Attributes:
        command: of `trunkline`, that serves health.
        nursery: forks it; without one it is started as people do.
    """

    data_dir: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1
    command: Sequence[str] = ("serve",)
    nursery: Nursery | None = None
    process: subprocess.Popen[bytes] | Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    def start(self) -> None:
        self.launch()
        try:
            self._wait_until_ready()
        except RuntimeError:
            self.kill()
            raise

    def launch(self) -> None:
        """As `start`, but whoever needs it has to wait for it."""
        arguments = [*self.command, "--port", str(self.port), "--data", str(self.data_dir)]
        if self.workers > 1:
            arguments += ["--workers", str(self.workers)]
        environment = {**os.environ, **_USUAL, **self.environment}
        if self.nursery is not None:
            self.process = self.nursery.start(arguments, environment, self.log)
            return
        program = shutil.which("trunkline", path=str(Path(sys.executable).parent))
        if program is None:
            raise RuntimeError("trunkline is not installed; run scripts/bootstrap")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([program, *arguments], env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self.process is None:
            raise RuntimeError("not started")
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        self.process = None
        return code

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server did not become ready:\n{self.log.read_text()[-4000:]}")

    def admin(self) -> "Api":
        return Api(self.url, (self.data_dir / "cli-token").read_text().strip())


class Api:
    """The management API, with an API token; an unexpected status fails the test with the answer's text."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=f"{url}/v1", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )

    def get(self, path: str, **query: Any) -> Any:
        return self._checked(self._client.get(path, params=query))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._checked(self._client.post(path, json=body if body is not None else {}, headers=headers))

    def put(self, path: str, body: Any) -> Any:
        return self._checked(self._client.put(path, json=body))

    def patch(self, path: str, body: Any) -> Any:
        return self._checked(self._client.patch(path, json=body))

    def delete(self, path: str) -> Any:
        return self._checked(self._client.delete(path))

    def upload(self, path: str, content: bytes) -> Any:
        return self._checked(self._client.post(path, content=content, headers={"Content-Type": "application/zip"}))

    def until_live(self, changed: Any) -> None:
        """Returns when every process serves a change, of which this is the answer: a busy machine takes its time."""
        deadline = time.monotonic() + _START_SECONDS
        while not changed["live"]:
            assert time.monotonic() < deadline, "the change did not go live"
            time.sleep(0.05)
            workers = self.get("/gateway/snapshot")["workers"]
            served = [worker["revision"] >= changed["revision"] for worker in workers]
            changed = {**changed, "live": bool(served) and all(served)}

    def close(self) -> None:
        self._client.close()

    @staticmethod
    def _checked(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None
