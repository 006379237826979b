"""One process that evaluates, as its parent sees it."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from marketplace.legacy_forms.sandbox.runtime import runtime_script

_WORKER = Path(__file__).parent / "worker.py"
_START_SECONDS = 20.0
_MAX_LINE = 16 * 1024 * 1024
_PIECE = 64 * 1024


class ProcessEnded(Exception):
    """The process ended, or what it wrote is no answer."""


class AnswerLate(Exception):
    """No answer in time."""


class SandboxProcess:
    """Starts with the first request. Not for several threads at once.

    Attributes:
        asked: how many requests it has got.
    """

    def __init__(self) -> None:
        libraries = os.environ.get("LD_LIBRARY_PATH")
        self._process = subprocess.Popen(  # noqa: S603  our own program, by its path
            [sys.executable, "-I", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={} if libraries is None else {"LD_LIBRARY_PATH": libraries},
            cwd="/",
        )
        self.asked = 0
        try:
            self._write(json.dumps({"runtime": runtime_script()}).encode())
            self._read_line(_START_SECONDS)
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: bytes, seconds: float) -> bytes:
        """The line that answers a line.

        Raises:
            AnswerLate, ProcessEnded: the process is of no further use.
        """
        self.asked += 1
        self._write(request)
        return self._read_line(seconds)

    def end(self) -> None:
        """Ends it at once; what it was doing is lost."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # a request that was never read
                    continue

    def _write(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101  it is a pipe
        try:
            stdin.write(line + b"\n")
            stdin.flush()
        except OSError as error:
            raise ProcessEnded from error

    def _read_line(self, seconds: float) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101  it is a pipe
        waiting = select.poll()
        waiting.register(stdout, select.POLLIN | select.POLLHUP)
        until = time.monotonic() + seconds
        pieces: list[bytes] = []
        length = 0
        while True:
            left = until - time.monotonic()
            if left <= 0 or not waiting.poll(left * 1000):
                raise AnswerLate
            piece = os.read(stdout.fileno(), _PIECE)
            pieces.append(piece)
            length += len(piece)
            if piece.endswith(b"\n"):
                return b"".join(pieces)
            if not piece or length > _MAX_LINE:
                raise ProcessEnded
