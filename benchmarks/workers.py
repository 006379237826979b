"""Several workers on one PostgreSQL: do they share tasks evenly, and do they add up?

Each worker is a process. Tasks of 20 nodes in a row are made beforehand and let begin together, by a wake-up through
Redis each, or found by sweeps alone. `quick` nodes do nothing, so that the cores are what there is too little of;
`slow` ones take a quarter of a second elsewhere, so that it is places for calls: a worker has 50 of them here. The
share is that of the worker with the fewest nodes to that of the one with the most.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection

from sqlalchemy import func, update
from sqlmodel import col, select

from benchmarks import engine
from benchmarks.engine import create
from benchmarks.support.report import Options, append_line, parse_options, print_table
from benchmarks.support.worker_process import work
from kernel.clock import utc_now
from kernel.db.database import Database
from orchestrator.runtime.models import Task
from orchestrator.runtime.wake_ups.wake_ups import WakeUps
from tests.support.postgres import PostgresServer
from tests.support.redis import redis_server

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["benchmarks.support.worker_process"])

NODES = 20
SLOW_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    seconds: float
    tasks: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Attributes:
    nodes: of each worker.
    cpu: seconds of all workers together.
    """

    seconds: float
    nodes: Sequence[int]
    cpu: float


async def measure(url: str, redis_url: str, case: Case, workers: int) -> Measured:
    database = Database(url)
    tasks = await create(database, engine.Case(case.name, case.tasks, NODES, engine.linear(NODES)))
    await _let_begin(database, tasks, None)
    lines = [_start(url, redis_url, case) for _ in range(workers)]
    for line in lines:
        await asyncio.to_thread(line.recv)
    wake = WakeUps(None, redis_url)
    began = time.perf_counter()
    await _let_begin(database, tasks, utc_now())
    for task in tasks:
        wake(task)
    left = select(func.count()).where(col(Task.id).in_(tasks), col(Task.state) != "FINISHED")
    while True:
        async with database.reading() as session:
            if not (await session.execute(left)).scalar_one():
                break
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    for line in lines:
        line.send("stop")
    told = [await asyncio.to_thread(line.recv) for line in lines]
    await wake.stop()
    await database.close()
    return Measured(seconds, [nodes for nodes, _ in told], sum(cpu for _, cpu in told))


async def _let_begin(database: Database, tasks: Sequence[str], at: datetime | None) -> None:
    async with database.unit_of_work() as session:
        await session.execute(update(Task).where(col(Task.id).in_(tasks)).values(start_at=at))


def _start(url: str, redis_url: str, case: Case) -> Connection:
    ours, theirs = multiprocessing.Pipe()
    _processes.Process(target=work, args=(url, redis_url, case.seconds, theirs), daemon=True).start()
    return ours


async def main(options: Options) -> None:
    scale = 1 if options.quick else 3
    cases = (Case("quick nodes", 0, 200 * scale), Case("slow nodes", SLOW_SECONDS, 100 * scale))
    rows = []
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server())
        postgres = await asyncio.to_thread(PostgresServer.start, durable=True)
        stack.callback(postgres.stop)
        for case in cases:
            for way, redis_url in (("Redis", redis.url), ("sweeps", "")):
                for workers in (1, 3):
                    url = postgres.url(postgres.create_database())
                    found = await measure(url, redis_url, case, workers)
                    rows.append(_row(case, way, found))
                    _append(options, case, way, found)
    print_table(["nodes", "found by", "workers", "nodes/s", "share", "workers' CPU ms/node"], rows)


def _row(case: Case, way: str, found: Measured) -> list[str]:
    nodes = case.tasks * NODES
    share = f"{min(found.nodes) / max(found.nodes):.2f}"
    return [
        case.name,
        way,
        str(len(found.nodes)),
        f"{nodes / found.seconds:.0f}",
        share,
        f"{found.cpu * 1000 / nodes:.2f}",
    ]


def _append(options: Options, case: Case, way: str, found: Measured) -> None:
    append_line(
        options.json_file,
        bench="workers",
        case=f"{case.name}, {way}, {len(found.nodes)} workers",
        metric="nodes per second",
        unit="1/s",
        ours=case.tasks * NODES / found.seconds,
        peers={},
    )


if __name__ == "__main__":
    given = parse_options(__doc__.split("\n")[0])
    asyncio.run(main(given))
