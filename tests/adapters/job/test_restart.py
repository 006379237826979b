"""What becomes of scripts when the server dies."""

import asyncio
import multiprocessing
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from adapters.job.service.models import JobHostRun
from adapters.job.service.workspace import Workspace
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from kernel.settings import Settings
from tests.adapters.job.conftest import SCOPE, Jobs, host_of, local
from tests.adapters.job.worker import work
from tests.adapters.kinds import one_database
from tests.support.patience import PATIENCE_SECONDS

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([work.__module__])
"""To load the product takes longer than most of these tests: one process does, and forks the others."""


@asynccontextmanager
async def other_process(database_url: str, settings: Settings) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A running job system on the same database and data directory, killed at the end or by what is given."""
    begun, told = _FORKING.Pipe(duplex=False)
    given = (database_url, settings.data_dir, settings.secret_key.get_secret_value(), told)
    process = _FORKING.Process(target=work, args=given)
    process.start()
    told.close()

    async def kill() -> None:
        process.kill()
        await asyncio.to_thread(process.join)

    try:
        with begun:
            await asyncio.to_thread(begun.recv)
        yield kill
    finally:
        await kill()


async def _restarted(jobs: Jobs, executed: dict[str, Any]) -> dict[str, Any]:
    await jobs.gateway.system.start()
    try:
        return await jobs.ended(executed)
    finally:
        await jobs.gateway.system.stop()


async def _claimed_by_the_dead(database: Database) -> JobHostRun:
    """Leaves the one run as a process that died after claiming it would."""
    me = this_process()
    dead = ProcessIdentity(me.host, me.pid, me.started + 1)
    async with database.unit_of_work() as session:
        await session.execute(update(JobHostRun).values(status=7, owner=str(dead), start_ms=2**42))
    async with database.reading() as session:
        return (await session.execute(select(JobHostRun))).scalar_one()


def _contents(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("ran-*"))]


async def test_a_script_outlives_its_server_and_is_watched_on(
    idle_jobs: Jobs, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    async with other_process(database_url, settings) as kill:
        gate = tmp_path / "gate"
        executed = await idle_jobs.execute(
            f"echo x >> {tmp_path}/ran; echo up; while [ ! -e {gate} ]; do sleep 0.05; done; echo done; exit 4"
        )
        await idle_jobs.says(executed, "up")
        await kill()
        await idle_jobs.gateway.system.start()
        await asyncio.sleep(0.5)
        assert (await idle_jobs.status(executed))["finished"] is False
        gate.touch()
        status = await idle_jobs.ended(executed)
        await idle_jobs.gateway.system.stop()
    assert (host_of(status)["exit_code"], (tmp_path / "ran").read_text()) == (4, "x\n")
    assert (await idle_jobs.log(executed))["log_content"] == "up\ndone\n"


async def test_a_script_that_ended_while_nobody_watched_keeps_its_exit_code(
    idle_jobs: Jobs, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    async with other_process(database_url, settings) as kill:
        executed = await idle_jobs.execute(f"echo up; sleep 0.5; touch {tmp_path}/over; exit 5")
        await idle_jobs.says(executed, "up")
        await kill()
    for _ in range(100):
        if (tmp_path / "over").exists():
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    assert host_of(await _restarted(idle_jobs, executed))["exit_code"] == 5


async def test_a_script_that_died_with_its_server_is_abnormal_and_not_running_for_ever(
    idle_jobs: Jobs, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    async with other_process(database_url, settings) as kill:
        executed = await idle_jobs.execute(f"echo x >> {tmp_path}/ran; echo up; sleep 60")
        await idle_jobs.says(executed, "up")
        await kill()
    (pid,) = (settings.data_dir / "job").glob("*/*/pid")
    os.killpg(int(pid.read_text()), signal.SIGKILL)
    status = await _restarted(idle_jobs, executed)
    assert status["job_instance"]["status"] == 9
    assert "gone when the job system came back" in status["job_instance"]["reason"]
    assert (tmp_path / "ran").read_text() == "x\n"


async def test_a_killed_server_at_any_moment_leaves_each_script_run_once(
    idle_jobs: Jobs, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    executed: list[dict[str, Any]] = []
    for round_ in range(3):
        async with other_process(database_url, settings) as kill:
            for number in range(4):
                script = f"echo x >> {tmp_path}/ran-{round_}-{number}; sleep 0.3; echo over"
                executed.append(await idle_jobs.execute(script))
            await asyncio.sleep(random.uniform(0, 0.25))  # noqa: S311  a moment, not a secret
            await kill()
    await idle_jobs.gateway.system.start()
    statuses = [await idle_jobs.ended(one) for one in executed]
    await idle_jobs.gateway.system.stop()
    assert [status["job_instance"]["status"] for status in statuses] == [3] * 12
    assert _contents(tmp_path) == ["x\n"] * 12


@one_database
async def test_a_killed_server_at_any_moment_of_a_plan_leaves_each_step_run_once(
    idle_jobs: Jobs, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    steps = [
        {"name": f"{number}", "type": 1, "script_info": local(f"echo x >> {tmp_path}/ran-{number}; sleep 0.1")}
        for number in range(6)
    ]
    plan = await idle_jobs.gateway.data("create_job_plan", {**SCOPE, "name": "six", "step_list": steps})
    executed = await idle_jobs.gateway.data("execute_job_plan", {**SCOPE, "job_plan_id": plan["job_plan_id"]})
    async with other_process(database_url, settings) as kill:
        await asyncio.sleep(random.uniform(0, 0.6))  # noqa: S311  a moment, not a secret
        await kill()
    status = await _restarted(idle_jobs, executed)
    assert [step["status"] for step in status["step_instance_list"]] == [3] * 6
    assert _contents(tmp_path) == ["x\n"] * 6


async def test_a_run_claimed_but_never_started_is_started_once(
    idle_jobs: Jobs, database: Database, tmp_path: Path
) -> None:
    executed = await idle_jobs.execute(f"echo x >> {tmp_path}/ran")
    await _claimed_by_the_dead(database)
    assert host_of(await _restarted(idle_jobs, executed))["exit_code"] == 0
    assert (tmp_path / "ran").read_text() == "x\n"


async def test_a_wrapper_that_comes_late_finds_its_folder_taken(
    idle_jobs: Jobs, database: Database, settings: Settings, tmp_path: Path
) -> None:
    executed = await idle_jobs.execute(f"echo x >> {tmp_path}/ran")
    run = await _claimed_by_the_dead(database)
    late = Workspace(settings.data_dir / "job" / str(run.id) / "0")
    late.prepare({})
    assert late.take_unstarted() is True
    child = late.start(["/bin/sh", "-c", f"echo late >> {tmp_path}/ran"])
    assert child.wait(timeout=PATIENCE_SECONDS) == 125
    (late.folder / "pid").unlink()
    assert host_of(await _restarted(idle_jobs, executed))["exit_code"] == 0
    assert (tmp_path / "ran").read_text() == "x\n"


async def test_a_run_of_another_machine_that_fell_silent_is_lost_and_not_repeated(
    idle_jobs: Jobs, database: Database, tmp_path: Path
) -> None:
    executed = await idle_jobs.execute(f"echo x >> {tmp_path}/ran")
    async with database.unit_of_work() as session:
        await session.execute(update(JobHostRun).values(status=7, owner="elsewhere/1/2", seen_at=None, start_ms=1))
    status = await _restarted(idle_jobs, executed)
    assert status["job_instance"]["status"] == 9
    assert not (tmp_path / "ran").exists()


async def test_two_servers_on_one_database_start_each_script_once(
    jobs: Jobs, database_url: str, settings: Settings, database: Database, tmp_path: Path
) -> None:
    async with other_process(database_url, settings):
        executed = [await jobs.execute(f"echo x >> {tmp_path}/ran-{number}") for number in range(10)]
        for one in executed:
            assert (await jobs.ended(one))["job_instance"]["status"] == 3
    assert _contents(tmp_path) == ["x\n"] * 10
    async with database.reading() as session:
        left = select(JobHostRun).where(col(JobHostRun.status) == 7)
        assert (await session.execute(left)).first() is None
