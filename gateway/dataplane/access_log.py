"""The access log: a JSON line for each finished call, written by a thread, so that no call waits for a disk.

A line names who called what and what became of it. It holds no header, no query and no body, hence no credential.
"""

import asyncio
import logging
import os
import queue
import threading
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.dataplane.journey import Journey

STANDARD_OUTPUT: Final = "-"
NOBODY: Final = '"app":"","user":""'
NOWHERE: Final = '"system":"","stage":"","release":"","component":""'

_LINE: Final = (
    '{"at":%.3f,"request_id":"%s",%s,%s,"peer":%s,"method":"%s","path":%s,"status":%d,"code":%d,"seconds":%.6f}\n'
)
_BATCH: Final = 200
_SECONDS: Final = 0.2
_LONGEST_QUEUE: Final = 100
_STOP_SECONDS: Final = 5.0
_LOG = logging.getLogger(__name__)


def line_of(journey: "Journey", began: float, status: int, seconds: float) -> str:
    """``at``: when it began, seconds since 1970. ``code``: the gateway's own error code, 0 when it did not refuse."""
    call, plan, exchange = journey.call, journey.plan, journey.exchange
    identity = call.identity if call is not None else None
    return _LINE % (
        began,
        journey.request_id,
        NOBODY if identity is None else identity.log_part,
        NOWHERE if plan is None else plan.log_part,
        quoted(exchange.peer if call is None else call.peer),
        exchange.method,
        quoted(exchange.raw_path.decode("latin-1")),
        status,
        journey.code,
        seconds,
    )


class AccessLog:
    """Appends to a file, or to standard output for ``-``. A file that was moved away is opened anew.

    Belongs to one event loop. When the disk cannot keep up, lines are dropped, and a line says how many.
    """

    def __init__(self, target: str) -> None:
        self._path = None if target == STANDARD_OUTPUT else Path(target)
        self._lines: list[str] = []
        self._batches: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._timer: asyncio.TimerHandle | None = None
        self._dropped = 0
        self._writer: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Never waits: what is written comes out within a moment."""
        lines = self._lines
        lines.append(line)
        if len(lines) >= _BATCH:
            self._hand_over()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SECONDS, self._in_time)

    def close(self) -> None:
        """Writes what is left; blocks for as long as the disk takes, up to some seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            self._hand_over()
        if self._writer is not None:
            self._batches.put(None)
            self._writer.join(_STOP_SECONDS)
            self._writer = None

    def _in_time(self) -> None:
        self._timer = None
        if self._lines:
            self._hand_over()

    def _hand_over(self) -> None:
        lines, self._lines = self._lines, []
        if self._batches.qsize() >= _LONGEST_QUEUE:
            self._dropped += len(lines)
            return
        if self._dropped:
            lines.append(f'{{"dropped":{self._dropped}}}\n')
            self._dropped = 0
        self._batches.put("".join(lines))
        if self._writer is None:
            self._writer = threading.Thread(target=self._work, name="access log", daemon=True)
            self._writer.start()

    # In the thread

    def _work(self) -> None:
        descriptor = -1
        failed = False
        while (batch := self._batches.get()) is not None:
            try:
                descriptor = self._current(descriptor)
                _write_all(descriptor, batch.encode())
            except OSError as problem:
                if not failed:
                    _LOG.error("the access log cannot be written: %s", problem)
                failed = True
            else:
                failed = False
        if self._path is not None and descriptor >= 0:
            os.close(descriptor)

    def _current(self, descriptor: int) -> int:
        if self._path is None:
            return 1
        if descriptor >= 0:
            if _is_still_at(self._path, descriptor):
                return descriptor
            os.close(descriptor)
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _is_still_at(path: Path, descriptor: int) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    ours = os.fstat(descriptor)
    return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
