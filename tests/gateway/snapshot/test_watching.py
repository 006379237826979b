"""A process hears of configuration that another one published, without asking the database for it each time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import opener
from gateway.snapshot.watching import RevisionWatch, watch_of
from kernel.audit.log import record
from kernel.db.database import Database
from kernel.principal import system_principal
from kernel.services import KernelServices
from tests.support.patience import patience

SHARD = {"kind": "app", "app_code": "a", "enabled": True, "secrets": [], "grants": []}


@pytest.fixture
def told() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def watch(database: Database, told: asyncio.Event) -> AsyncIterator[RevisionWatch]:
    opened = watch_of(database, told.set)
    yield opened
    await opened.close()


async def publish(kernel: KernelServices) -> None:
    async def build(_session: object) -> dict[str, object]:
        return SHARD

    async with kernel.database.unit_of_work() as session:
        await SnapshotPublisher(opener(kernel.secrets)).publish(session, build)


async def settled(watch: RevisionWatch) -> None:
    async with patience():
        while await watch.may_have_changed():  # noqa: ASYNC110  what is watched is asked, it does not tell
            await asyncio.sleep(0)


async def heard(watch: RevisionWatch, told: asyncio.Event) -> None:
    async with patience():
        while not (told.is_set() or await watch.may_have_changed()):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.005)


async def test_a_publication_is_heard_and_once_seen_not_again(
    kernel: KernelServices, watch: RevisionWatch, told: asyncio.Event
) -> None:
    await settled(watch)
    await publish(kernel)
    await heard(watch, told)
    await settled(watch)
    await publish(kernel)
    told.clear()
    await heard(watch, told)


async def test_what_is_no_configuration_is_not_heard(
    database: Database, watch: RevisionWatch, told: asyncio.Event
) -> None:
    await settled(watch)
    async with database.unit_of_work() as session:
        record(session, system_principal("test"), "thing.made", "thing", "1")
    assert not await watch.may_have_changed()
    assert not told.is_set()


async def test_a_database_that_can_not_be_asked_is_worth_a_look_each_time(tmp_path: Path) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    broken = Database(f"sqlite+aiosqlite:///{tmp_path / 'none' / 'there.db'}")
    for database in (away, broken):
        watch = watch_of(database, lambda: None)
        assert await watch.may_have_changed()
        assert await watch.may_have_changed()
        await watch.close()
        await database.close()
