import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.job.service.app import build_app
from adapters.job.service.models import JobInstance
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from kernel.services import KernelServices
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.job.conftest import SCOPE, Jobs, KnownHosts
from tests.support.listening import listening


@dataclass
class Receiver:
    """A real HTTP server that answers with the given statuses in turn, the last one for ever."""

    statuses: list[int]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        self.bodies.append(json.loads(await reader.readexactly(int(length))))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()

    async def received(self, count: int) -> list[dict[str, Any]]:
        for _ in range(200):
            if len(self.bodies) >= count:
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        return self.bodies


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver([200])
    async with listening(made.serve) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture
def idle_jobs(kernel: KernelServices, receiver: Receiver) -> Jobs:
    settings = kernel.settings.model_copy(update={"allowed_upstream_origins": (receiver.url,)})
    listed = KernelServices(settings, kernel.database, kernel.secrets, kernel.clock)
    return Jobs(Gateway(build_app(listed, OneKey(), KnownHosts()), kernel.clock))


async def _state(database: Database) -> tuple[str, str]:
    for _ in range(400):
        async with database.reading() as session:
            (instance,) = (await session.execute(select(JobInstance))).scalars()
        if instance.callback_state in {"delivered", "failed"}:
            break
        await asyncio.sleep(0.05)
    return instance.callback_state, instance.callback_sealed


async def test_the_end_of_a_job_is_called_back_once(jobs: Jobs, receiver: Receiver, database: Database) -> None:
    executed = await jobs.execute("exit 0", callback_url=f"{receiver.url}/done/token")
    assert await receiver.received(1) == [
        {
            "job_instance_id": executed["job_instance_id"],
            "status": 3,
            "step_instance_list": [{"step_instance_id": executed["step_instance_id"], "status": 3}],
        }
    ]
    assert await _state(database) == ("delivered", "")


async def test_a_refused_callback_is_tried_once_more(jobs: Jobs, receiver: Receiver, database: Database) -> None:
    receiver.statuses[:] = [503, 200]
    await jobs.execute("exit 1", callback_url=receiver.url)
    assert [body["status"] for body in await receiver.received(2)] == [4, 4]
    assert (await _state(database))[0] == "delivered"


async def test_a_callback_refused_twice_is_given_up(jobs: Jobs, receiver: Receiver, database: Database) -> None:
    receiver.statuses[:] = [500]
    await jobs.execute("exit 0", callback_url=receiver.url)
    assert len(await receiver.received(2)) == 2
    assert (await _state(database))[0] == "failed"


async def test_the_end_after_a_retry_is_called_back_too(
    jobs: Jobs, receiver: Receiver, database: Database, tmp_path: Path
) -> None:
    executed = await jobs.execute(f"test -e {tmp_path}/mended", callback_url=receiver.url)
    assert [body["status"] for body in await receiver.received(1)] == [4]
    (tmp_path / "mended").touch()
    ids = {name: executed[name] for name in ("job_instance_id", "step_instance_id")}
    await jobs.gateway.data("operate_step_instance", {**SCOPE, **ids, "operation_code": 2})
    assert [body["status"] for body in await receiver.received(2)] == [4, 3]
    assert await _state(database) == ("delivered", "")


async def test_a_job_that_never_could_run_is_called_back_too(jobs: Jobs, receiver: Receiver) -> None:
    elsewhere = {"ip_list": [{"bk_cloud_id": 0, "ip": "198.51.100.77"}]}
    await jobs.execute("exit 0", callback_url=receiver.url, target_server=elsewhere)
    assert [body["status"] for body in await receiver.received(1)] == [4]


async def test_a_callback_whose_sender_died_is_sent_by_another(
    idle_jobs: Jobs, receiver: Receiver, database: Database
) -> None:
    elsewhere = {"ip_list": [{"bk_cloud_id": 0, "ip": "198.51.100.77"}]}
    await idle_jobs.execute("exit 0", callback_url=receiver.url, target_server=elsewhere)
    me = this_process()
    dead = ProcessIdentity(me.host, me.pid, me.started + 1)
    async with database.unit_of_work() as session:
        await session.execute(update(JobInstance).values(callback_state="sending", callback_owner=str(dead)))
    await idle_jobs.gateway.system.start()
    assert len(await receiver.received(1)) == 1
    await idle_jobs.gateway.system.stop()
