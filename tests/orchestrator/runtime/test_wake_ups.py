"""Wake-ups over a real Redis: who gets them, and what becomes of them when something dies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from kernel.db.database import Database
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.wake_ups import streams
from orchestrator.runtime.wake_ups.carrier import WakeReceiver, WakeSender
from orchestrator.runtime.wake_ups.streams import GROUP, QUEUE, queue_of
from orchestrator.runtime.wake_ups.wake_ups import WakeUps
from tests.orchestrator.runtime.test_faults import ONE, Plugins
from tests.support.patience import until
from tests.support.redis import RedisServer, redis_server
from tests.support.runtime import create_task, make_worker, send, until_state

WITHOUT_NETS = Pace(sweep=60, orphans=60)


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as started:
        yield started


@pytest.fixture
async def unsent(server: RedisServer) -> list[str]:
    return []


@pytest.fixture
async def sender(server: RedisServer, unsent: list[str]) -> AsyncIterator[WakeSender]:
    made = WakeSender(server.url, unsent.append)
    yield made
    await made.stop()


@asynccontextmanager
async def listening(
    server: RedisServer, *workers: str, full: Collection[str] = ()
) -> AsyncIterator[dict[str, list[str]]]:
    """What each of the workers is woken for; those that are `full` have no room as long as they are in there."""
    heard: dict[str, list[str]] = {name: [] for name in workers}

    def receiver_of(name: str) -> WakeReceiver:
        return WakeReceiver(server.url, name, heard[name].append, lambda: name not in full)

    receivers = [receiver_of(name) for name in workers]
    for receiver in receivers:
        receiver.start()
    yield heard
    for receiver in receivers:
        await receiver.stop()


async def all_wait(server: RedisServer, workers: int) -> None:
    """Each of them reads, and waits for what comes."""
    async with Redis.from_url(server.url) as redis:

        async def blocked() -> bool:
            found = await redis.info("clients")
            return int(found["blocked_clients"]) == workers

        await until(blocked)


async def test_each_wake_up_reaches_one_worker_and_those_who_wait_take_turns(server, sender) -> None:
    async with listening(server, "ann", "ben", "cat") as heard:
        await all_wait(server, 3)
        tasks: list[str] = []

        async def everybody_heard() -> bool:
            tasks.append(f"task {len(tasks)}")
            sender.send(tasks[-1])
            return all(heard.values())

        await until(everybody_heard)
        await until(lambda: sum(map(len, heard.values())) == len(tasks))
        assert Counter(task for told in heard.values() for task in told) == Counter(tasks)


async def test_a_wake_up_for_the_worker_that_has_the_task_reaches_that_one(server, sender) -> None:
    async with listening(server, "ann", "ben") as heard:
        for number in range(5):
            sender.send(f"task {number}", "ben")
        await until(lambda: len(heard["ben"]) == 5)
        assert heard["ann"] == []


async def test_a_full_worker_leaves_what_is_for_any_to_the_others_until_it_has_room(server, sender) -> None:
    full = {"ann"}
    async with listening(server, "ann", "ben", full=full) as heard:
        await all_wait(server, 2)
        for number in range(30):
            sender.send(f"task {number}")
        sender.send("own", "ann")
        await until(lambda: len(heard["ben"]) == 30)
        await until(lambda: heard["ann"] == ["own"])
        full.clear()
        full.add("ben")

        async def ann_hears() -> bool:
            sender.send("any")
            return "any" in heard["ann"]

        await until(ann_hears)


async def test_a_worker_stops_though_its_cancellation_is_lost_while_it_reads(server, monkeypatch) -> None:
    reads = Redis.xreadgroup
    lost: list[bool] = []

    async def losing(*asked: Any, **how: Any) -> Any:
        try:
            return await reads(*asked, **how)
        except asyncio.CancelledError:
            lost.append(True)
            return []

    monkeypatch.setattr(Redis, "xreadgroup", losing)
    async with asyncio.timeout(60), listening(server, "ann"):
        await all_wait(server, 1)
    assert lost == [True]


async def test_a_worker_that_is_full_for_long_is_not_taken_for_dead(server, sender, monkeypatch) -> None:
    full: set[str] = set()
    async with listening(server, "ann", full=full) as heard:
        await all_wait(server, 1)
        sender.send("any")
        await until(lambda: "any" in heard["ann"])
        full.add("ann")
        sender.send("own", "ann")
        await until(lambda: "own" in heard["ann"])
        await asyncio.sleep(0.3)  # so long has she not read what is for any
        monkeypatch.setattr(streams, "_LONG_GONE_SECONDS", 0.25)
        async with listening(server, "ben"):
            await all_wait(server, 2)
            sender.send("more", "ann")
            await until(lambda: "more" in heard["ann"])
            async with Redis.from_url(server.url) as redis:
                assert await redis.xlen(queue_of("ann")) == 2, "it is the same stream still"


async def test_a_worker_has_room_as_long_as_one_more_call_would_find_a_place(
    database: Database, tmp_path: Path
) -> None:
    worker = make_worker(database, Plugins(), tmp_path, pace=WITHOUT_NETS)
    await worker.start()
    try:
        assert worker.has_room()
        for number in range(WITHOUT_NETS.calls):
            worker.wake(f"task {number}")
        assert not worker.has_room()
        await until(worker.has_room)
    finally:
        await worker.stop()


async def test_what_was_sent_before_the_first_worker_came_is_not_lost(server, sender) -> None:
    sender.send("early")
    async with Redis.from_url(server.url) as redis:
        await until(lambda: _exists(redis))
    async with listening(server, "ann") as heard:
        await until(lambda: heard["ann"] == ["early"])


async def test_wake_ups_come_again_after_redis_was_emptied(server, sender) -> None:
    async with listening(server, "ann") as heard:
        await all_wait(server, 1)
        async with Redis.from_url(server.url) as redis:
            await redis.flushall()
        sender.send("later")
        await until(lambda: "later" in heard["ann"])


async def test_while_redis_is_away_each_task_is_told_back_and_wake_ups_come_again_after_it(
    server, sender, unsent
) -> None:
    async with listening(server, "ann") as heard:
        await all_wait(server, 1)
        await server.stop()
        sender.send("meanwhile")
        await until(lambda: unsent == ["meanwhile"])
        await server.start()

        async def sent() -> bool:
            sender.send("later")
            return "later" in heard["ann"]

        await until(sent)


async def test_a_worker_that_leaves_takes_its_name_and_its_stream_along(server) -> None:
    async with listening(server, "ann"):
        await all_wait(server, 1)
    async with Redis.from_url(server.url) as redis:
        assert await redis.xinfo_consumers(QUEUE, GROUP) == []
        assert not await redis.exists(queue_of("ann"))


async def test_a_process_without_a_worker_wakes_one_elsewhere_for_launches_and_for_news_of_its_tasks(
    database: Database, server: RedisServer, tmp_path: Path
) -> None:
    plugins = Plugins()
    worker = make_worker(database, plugins, tmp_path, pace=WITHOUT_NETS)
    await worker.start()
    there, here = WakeUps(worker, server.url), WakeUps(None, server.url)
    there.start()
    task = await create_task(database, ONE)
    here(task)
    await until_state(database, task, "FINISHED")
    revoked = await create_task(database, ONE, start_at=None)
    await send(database, revoked, "revoke")
    here(revoked, worker.id)
    await until_state(database, revoked, "REVOKED")
    await here.stop()
    await there.stop()
    await worker.stop()


async def test_a_process_with_a_worker_wakes_that_one_while_redis_is_away(
    database: Database, server: RedisServer, tmp_path: Path
) -> None:
    worker = make_worker(database, Plugins(), tmp_path, pace=WITHOUT_NETS)
    await worker.start()
    await server.stop()
    wake = WakeUps(worker, server.url)
    task = await create_task(database, ONE)
    wake(task)
    await until_state(database, task, "FINISHED")
    await wake.stop()
    await worker.stop()


async def _exists(redis: "Redis") -> bool:
    return bool(await redis.exists(QUEUE))
