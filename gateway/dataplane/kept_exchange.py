"""A request that comes from inside the process instead of a client's connection, and its answer, kept."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.dataplane.exchange import Exchange, Headers, Successor

MOST_BYTES = 1024 * 1024
"""Of an answer; what follows is cut off."""


class NoLine:
    """There is no connection to close; who wants the answer held back says so by `is_writable`."""

    default_lines = b""

    def __init__(self) -> None:
        self.is_writable = True
        self.tasks: set[asyncio.Task[None]] = set()

    def write(self, data: bytes) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def answer(self, data: bytes, *, keep_alive: bool) -> None: ...

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def exchange_is_over(self, *, keep_alive: bool) -> None: ...

    def refuse_malformed(self) -> None: ...

    def abort(self) -> None: ...

    def hand_over(self, head: bytes, successor: Successor) -> tuple[asyncio.Transport, bytes]:
        raise NotImplementedError("a call from inside offers no other protocol")

    def forget(self, successor: Successor) -> None: ...


class KeptExchange(Exchange):
    """``over`` is set when the answer is complete, broken off or longer than ``most_bytes``: ``truncated`` then."""

    __slots__ = ("_length", "_most_bytes", "answer_headers", "body", "line", "over", "status", "tasks", "truncated")

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        query: bytes,
        headers: Headers,
        body: bytes,
        *,
        peer: str = "127.0.0.1",
        most_bytes: int = MOST_BYTES,
    ) -> None:
        line = NoLine()
        super().__init__(line, method, raw_path, query, headers, peer, keep_alive=False)
        self._most_bytes = most_bytes
        self.line = line
        self.tasks = line.tasks
        self.over = asyncio.Event()
        self.status = 0
        self.answer_headers: Headers = []
        self.body: list[bytes] = []
        self.truncated = False
        self._length = 0
        if body:
            self.add(body)
        self.complete()

    def answer(self, status: int, headers: Headers, lines: bytes, body: bytes, length: bytes | None = None) -> None:
        self.start(status, headers, lines, length)
        self.write(body)
        self.finish()

    def start(self, status: int, headers: Headers, lines: bytes, length: bytes | None) -> None:  # noqa: ARG002 - the whole is kept
        self.status, self.started = status, True
        self.answer_headers = [*headers, *_pairs(lines)]

    def refuse_malformed(self) -> None:
        self.status = 400
        self.finish()

    def write(self, piece: bytes) -> None:
        room = self._most_bytes - self._length
        self.body.append(piece[:room])
        self._length += len(piece)
        if len(piece) > room:
            self.give_up()

    async def wait(self, seconds: float) -> None:
        """Returns when it is over; gives it up when that takes longer, or nobody waits any more.

        Raises:
            TimeoutError: it took longer.
        """
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        finally:
            if not self.over.is_set():
                self.give_up()

    @property
    def is_too_long(self) -> bool:
        return self._length > self._most_bytes

    def finish(self) -> None:
        self.response_complete = True
        self.over.set()

    def abort(self) -> None:
        self.truncated = self.response_complete = True
        self.over.set()

    def give_up(self) -> None:
        """Waits no longer for the rest of the answer."""
        self.truncated = True
        self.lost()
        self.over.set()


def _pairs(lines: bytes) -> Headers:
    fields = [line.partition(b": ") for line in lines.split(b"\r\n") if line]
    return [(name, value) for name, _, value in fields]
