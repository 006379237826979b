"""Our data plane with the real loader on a database, and how long the event loop was held.

Run as a process: ``python -m benchmarks.support.scale_gateway PORT DATABASE UPSTREAM``. Each line on standard input is
answered with ``{"revision": n, "held": s}``: what is served, and the longest hold of the loop since the last line.
"""

import asyncio
import json
import sys
import threading
from pathlib import Path

import uvicorn
from sqlmodel import SQLModel

from benchmarks.support.secured import rsa_key_pem
from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.disk import DiskCopy
from gateway.snapshot.loader import SnapshotLoader
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.snapshot.models import SnapshotRevision, SnapshotShard, Worker
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

_TICK = 0.001


class LoopWatch:
    """Ticks each millisecond; a tick that comes too late was held up.

    The time for which the kernel let other processes run instead, though the loop was ready, is not counted.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._held = 0.0
        self._next()

    def take(self) -> float:
        held, self._held = self._held, 0.0
        return held

    def _next(self) -> None:
        self._off_processor = self._waited()
        self._due = self._loop.time() + _TICK
        self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        late = self._loop.time() - self._due - (self._waited() - self._off_processor)
        self._held = max(self._held, late)
        self._next()

    def _waited(self) -> float:
        """Seconds this thread waited for a processor so far."""
        try:
            return int(self._schedule.read_text().split()[1]) / 1e9
        except OSError:
            return 0.0


def create_tables(database: Path) -> None:
    async def create() -> None:
        opened = Database(f"sqlite+aiosqlite:///{database}")
        tables = [SQLModel.metadata.tables[model.__tablename__] for model in (SnapshotRevision, SnapshotShard, Worker)]
        async with opened.engine.begin() as connection:
            await connection.run_sync(lambda sync: SQLModel.metadata.create_all(sync, tables=tables))
        await opened.close()

    asyncio.run(create())


async def serve(port: int, path: Path, upstream: str) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    holder = SnapshotHolder()
    key = rsa_key_pem()

    def open_secret(sealed: str, purpose: str = "") -> bytes:  # noqa: ARG001  the contract's signature
        return key

    copy = DiskCopy(path.with_suffix(".copy"), open_secret)
    loader = SnapshotLoader(database, holder, open_secret, SystemClock(), copy, "")
    await loader.start()
    client = TransportClient(AddressPolicy.allowing([upstream]))
    plane = DataPlane(holder, client, public_url="https://gateway.example")
    config = uvicorn.Config(
        plane, host="127.0.0.1", port=port, http=GatewayProtocol, log_level="warning", access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    watch = LoopWatch()
    loop = asyncio.get_running_loop()

    def answer() -> None:
        print(json.dumps({"revision": loader.acknowledged, "held": watch.take()}), flush=True)

    def ask() -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(answer)

    threading.Thread(target=ask, daemon=True).start()
    await server.serve()
    await loader.stop()
    await database.close()


if __name__ == "__main__":
    config = uvicorn.Config("", loop="uvloop")
    factory = config.get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
