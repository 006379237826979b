"""A load generator: one prepared HTTP/1.1 request, again and again, over a number of connections.

Run as a process: ``python -m benchmarks.support.load PORT CONNECTIONS`` reads lines ``{"calls": n}`` and answers each
with ``{"calls": n, "errors": n, "seconds": s}`` when they are done. The connections stay open between lines; those
that a server closed meanwhile are opened again first.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import httptools
import uvloop


class Caller(asyncio.Protocol):
    """One connection; asks ``more`` after each answer whether there is a further call to make."""

    def __init__(self, work: "Work") -> None:
        self.work = work
        self.parser = httptools.HttpResponseParser(self)
        self.transport: asyncio.Transport | None = None
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # TCP gives a Transport

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def call(self) -> None:
        assert self.transport is not None
        self.busy = True
        self.transport.write(self.work.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.busy = False
        self.work.finished(self, ok=self.parser.get_status_code() == 200)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self.busy:
            raise SystemExit("a connection ended during a call")


class Work:
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.left = self.open = self.errors = 0
        self.done = asyncio.Event()

    def start(self, callers: list[Caller], calls: int) -> None:
        self.left, self.open, self.errors = calls, calls, 0
        self.done.clear()
        for caller in callers:
            if self.left:
                self.left -= 1
                caller.call()

    def finished(self, caller: Caller, *, ok: bool) -> None:
        self.open -= 1
        self.errors += not ok
        if self.left:
            self.left -= 1
            caller.call()
        elif not self.open:
            self.done.set()


async def main(port: int, connections: int, request: bytes) -> None:
    loop = asyncio.get_running_loop()
    work = Work(request)
    callers: list[Caller] = []
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        calls = json.loads(line)["calls"]
        while len(callers := [caller for caller in callers if caller.is_open]) < connections:
            callers.append((await loop.create_connection(lambda: Caller(work), "127.0.0.1", port))[1])
        started = time.perf_counter()
        work.start(callers, calls)
        await work.done.wait()
        seconds = time.perf_counter() - started
        sys.stdout.write(json.dumps({"calls": calls, "errors": work.errors, "seconds": seconds}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]).read_bytes()))
