"""Calls at a given rate, whether the earlier ones were answered or not, and how long each took.

Run as a process: ``python -m benchmarks.support.open_load PORT REQUEST RATE SECONDS CONNECTIONS`` prints one JSON line
``{"sent": n, "late": n, "seconds": [...]}``. A call waits for a free connection when there is none; it is timed from
the moment it was due. The process runs before everything but the servers, where it may.
"""

import asyncio
import json
import os
import sys
import time
from collections import deque
from pathlib import Path

import httptools
import uvloop

from benchmarks.support.scheduling import CLIENT, prefer

_TICK = 0.0005


class Caller(asyncio.Protocol):
    def __init__(self, load: "Load") -> None:
        self._load = load
        self._parser = httptools.HttpResponseParser(self)
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] - TCP gives a Transport

    def call(self, due: float) -> None:
        self._due = due
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._load.answered(self, self._due, self._parser.get_status_code())


class Load:
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.free: deque[Caller] = deque()
        self.waiting: deque[float] = deque()
        self.seconds: list[float] = []
        self.late = 0

    def due(self, moment: float) -> None:
        if self.free:
            self.free.popleft().call(moment)
        else:
            self.late += 1
            self.waiting.append(moment)

    def answered(self, caller: Caller, due: float, status: int) -> None:
        if status != 200:
            raise SystemExit(f"answered {status}")
        self.seconds.append(time.perf_counter() - due)
        if self.waiting:
            caller.call(self.waiting.popleft())
        else:
            self.free.append(caller)


async def main(port: int, request: bytes, rate: float, seconds: float, connections: int) -> None:
    loop = asyncio.get_running_loop()
    load = Load(request)
    for _ in range(connections):
        load.free.append((await loop.create_connection(lambda: Caller(load), "127.0.0.1", port))[1])
    started = time.perf_counter()
    sent = 0
    while (now := time.perf_counter()) < started + seconds:
        while started + sent / rate <= now:
            load.due(started + sent / rate)
            sent += 1
        await asyncio.sleep(_TICK)
    while len(load.seconds) < sent:  # noqa: ASYNC110 - looked at a few times only
        await asyncio.sleep(0.01)
    print(json.dumps({"sent": sent, "late": load.late, "seconds": load.seconds}))


if __name__ == "__main__":
    port, request, rate, seconds, connections = sys.argv[1:]
    prefer(os.getpid(), CLIENT)
    uvloop.run(main(int(port), Path(request).read_bytes(), float(rate), float(seconds), int(connections)))
