"""Several workers on one database, none of which is told anything: what falls to whom, and what is taken over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from kernel.clock import SystemClock
from kernel.db.database import Database
from orchestrator.runtime.models import NodeRun, RuntimeWorker
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.worker import Worker
from tests.orchestrator.runtime.test_faults import ONE, Plugins
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import until
from tests.support.runtime import create_task, make_worker, task_of, until_state

LOOKING = Pace(sweep=0.05, beat=0.05, overdue=0.1)
UNHURRIED = Pace(sweep=0.5, beat=0.05)
"""Whoever is slow for a moment has time for what falls to him: at the next sweep it is anybody's."""


@asynccontextmanager
async def three(database: Database, folder: Path) -> AsyncIterator[dict[Worker, Plugins]]:
    """Workers that know of each other, each with plugins of its own."""
    made = {}
    for _ in range(3):
        plugins = Plugins()
        made[make_worker(database, plugins, folder, pace=UNHURRIED)] = plugins
    for worker in made:
        await worker.start()

    async def acquainted() -> bool:
        return all(len(worker._presence._living) == 3 for worker in made)

    await until(acquainted)
    try:
        yield made
    finally:
        for worker in made:
            await worker.stop()


async def test_three_workers_share_out_what_their_sweeps_find(database: Database, tmp_path: Path) -> None:
    async with three(database, tmp_path) as workers:
        tasks = [await create_task(database, ONE) for _ in range(30)]
        for task in tasks:
            await until_state(database, task, "FINISHED")
        runs = [run for plugins in workers.values() for run in plugins.calls]
        assert sorted(runs) == sorted(f"{task}.2" for task in tasks)
        assert all(plugins.calls for plugins in workers.values())


async def test_what_falls_to_a_worker_that_does_nothing_is_taken_by_another(database: Database, tmp_path: Path) -> None:
    async with among_idle(database, tmp_path) as worker:
        tasks = [await create_task(database, ONE) for _ in range(10)]
        for task in tasks:
            await until_state(database, task, "FINISHED")
        assert not all(worker._presence.falls_to_us(task) for task in tasks)


async def test_a_timer_that_falls_to_a_worker_that_does_nothing_is_kept_by_another(
    database: Database, tmp_path: Path
) -> None:
    async with among_idle(database, tmp_path) as worker:
        tasks = [await create_task(database, flow_of(plugin_node("a", "wait"))) for _ in range(10)]

        async def let_go() -> bool:
            found = [await task_of(database, task) for task in tasks]
            return all(task.state == "RUNNING" and task.lease_owner is None for task in found)

        await until(let_go)
        fences = {task: (await task_of(database, task)).fence for task in tasks}
        past = SystemClock().now() - timedelta(seconds=5)
        async with database.unit_of_work() as session:
            await session.execute(update(NodeRun).where(col(NodeRun.due_at).is_not(None)).values(due_at=past))

        async def polled() -> bool:
            return all([(await task_of(database, task)).fence > fences[task] for task in tasks])

        await until(polled)
        assert not all(worker._presence.falls_to_us(task) for task in tasks)


@asynccontextmanager
async def among_idle(database: Database, folder: Path) -> AsyncIterator[Worker]:
    """A worker beside two that live by their leases, as those do that were stopped or have too much to do."""
    now = SystemClock().now()
    rest = {"host": "elsewhere", "lock_file": "", "started_at": now, "alive_until": now + timedelta(minutes=1)}
    async with database.unit_of_work() as session:
        session.add_all(RuntimeWorker(id=name, **rest) for name in ("0" * 32, "f" * 32))
    worker = make_worker(database, Plugins(), folder, pace=LOOKING)
    await worker.start()
    yield worker
    await worker.stop()
