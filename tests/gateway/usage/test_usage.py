"""Who called what is kept by the day, once, whatever happens to the database in between."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy.exc import OperationalError

from gateway.dataplane.usage import UsageCount
from gateway.usage.recorder import KEPT_DAYS, UsageRecorder
from gateway.usage.repository import uses_by_release, uses_of
from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.services import KernelServices
from tests.support.management import Management, document

TODAY = dt.date(2026, 1, 2)


def count(app: str = "shop", calls: int = 1, errors: int = 0, component: str = "find", **more: str) -> UsageCount:
    return UsageCount("cmdb", more.get("stage", "prod"), more.get("release", "1.0.0"), component, app, calls, errors)


class Counted:
    """What a data plane has counted."""

    def __init__(self) -> None:
        self.counts: list[UsageCount] = []

    def take(self) -> list[UsageCount]:
        taken, self.counts = self.counts, []
        return taken


async def _uses(database: Database, since: dt.date = TODAY) -> list[tuple[str, str, int, int]]:
    async with database.reading() as session:
        return [(use.component, use.app_code, use.calls, use.errors) for use in await uses_of(session, "cmdb", since)]


async def test_counts_of_several_processes_add_up(kernel: KernelServices, clock: ManualClock) -> None:
    planes = [Counted() for _ in range(4)]
    recorders = [UsageRecorder(kernel.database, clock, plane.take) for plane in planes]
    for turn in range(5):
        for plane in planes:
            plane.counts = [count(calls=2, errors=1), count("other"), count(component=f"c{turn}")]
        await asyncio.gather(*(recorder.record() for recorder in recorders))
    uses = await _uses(kernel.database)
    assert uses[:2] == [("find", "shop", 40, 20), ("find", "other", 20, 0)]
    assert [use for use in uses if use[0] == "c3"] == [("c3", "shop", 4, 0)]


async def test_what_could_not_be_written_waits_and_counts_once(kernel: KernelServices, clock: ManualClock) -> None:
    plane = Counted()
    recorder = UsageRecorder(Database("postgresql+asyncpg://nobody@127.0.0.1:1/none"), clock, plane.take)
    for _ in range(2):
        plane.counts = [count(calls=3)]
        with pytest.raises(OperationalError, match=r"127\.0\.0\.1"):
            await recorder.record()
    recorder._database = kernel.database
    await recorder.record()
    await recorder.record()
    assert await _uses(kernel.database) == [("find", "shop", 6, 0)]


async def test_the_last_counts_are_recorded_on_the_way_out(kernel: KernelServices, clock: ManualClock) -> None:
    plane = Counted()
    recorder = UsageRecorder(kernel.database, clock, plane.take)
    await recorder.start()
    plane.counts = [count(calls=7)]
    await recorder.stop()
    assert await _uses(kernel.database) == [("find", "shop", 7, 0)]


async def test_days_are_told_apart_and_old_ones_forgotten(kernel: KernelServices, clock: ManualClock) -> None:
    plane = Counted()
    recorder = UsageRecorder(kernel.database, clock, plane.take)
    for _ in range(2):
        plane.counts = [count()]
        await recorder.record()
        clock.advance(days=1)
    assert await _uses(kernel.database) == [("find", "shop", 2, 0)]
    assert await _uses(kernel.database, TODAY + dt.timedelta(days=1)) == [("find", "shop", 1, 0)]
    clock.advance(days=KEPT_DAYS - 1)
    await recorder._forget()
    assert await _uses(kernel.database) == [("find", "shop", 1, 0)]


async def test_releases_of_a_stage_are_told_apart(kernel: KernelServices, clock: ManualClock) -> None:
    plane = Counted()
    plane.counts = [count(calls=9), count(release="1.1.0", errors=1), count(stage="test")]
    await UsageRecorder(kernel.database, clock, plane.take).record()
    async with kernel.database.reading() as session:
        uses = await uses_by_release(session, "cmdb", "prod", TODAY)
    assert [(use.release, use.calls, use.errors) for use in uses] == [("1.0.0", 9, 0), ("1.1.0", 1, 1)]


async def test_those_who_manage_the_system_see_who_calls_it(management: Management) -> None:
    await management.import_system(document())
    plane = Counted()
    plane.counts = [count("shop", 3, component="list_hosts"), count("crm", 5, component="get_host")]
    await UsageRecorder(management.kernel.database, management.clock, plane.take).record()
    seen = (await management.client.get("/v1/systems/cmdb/usage")).json()["items"]
    assert [(use["component"], use["app_code"], use["calls"], use["last_day"]) for use in seen] == [
        ("get_host", "crm", 5, "2026-01-02"),
        ("list_hosts", "shop", 3, "2026-01-02"),
    ]
    one = (await management.client.get("/v1/systems/cmdb/usage?component=get_host&days=1")).json()["items"]
    assert [use["app_code"] for use in one] == ["crm"]
    ann = await management.person("ann")
    assert (await ann.get("/v1/systems/cmdb/usage")).status_code == 403
