"""Limits counted in a real Redis by several data planes, each as a process of its own would be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from gateway.dataplane.app import DataPlane
from gateway.snapshot.model.snapshot import Peers, Snapshot, SnapshotHolder
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.gateway.dataplane.conftest import Gateway, Served, component, token
from tests.support.redis import RedisServer, redis_server


class Processes:
    """Data planes with one Redis; what each serves from is compiled by itself, as in processes of their own."""

    def __init__(
        self,
        gateway: Gateway,
        redis: RedisServer,
        holders: list[SnapshotHolder],
        planes: list[DataPlane],
        urls: list[str],
    ) -> None:
        self.gateway = gateway
        self.redis = redis
        self.holders = holders
        self.planes = planes
        self.urls = urls

    def system(self, *components: dict[str, Any], **stage: Any) -> None:
        for holder in self.holders:
            self.gateway.holder = holder
            self.gateway.system(*components, **stage)

    def app(self, *grants: dict[str, Any], **more: Any) -> None:
        for holder in self.holders:
            self.gateway.holder = holder
            self.gateway.app(*grants, **more)

    async def calls(self, number: int, path: str = "search") -> dict[int, int]:
        """That many calls to each process at a time; how many were answered with which status."""
        headers = {"authorization": f"Bearer {token()}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
            urls = [f"{url}/api/cmdb/prod/{path}" for url in self.urls for _ in range(number)]
            answers = await asyncio.gather(*(http.post(url) for url in urls))
        found: dict[int, int] = {}
        for answer in answers:
            found[answer.status_code] = found.get(answer.status_code, 0) + 1
        return found


@pytest.fixture
async def processes(gateway: Gateway) -> AsyncIterator[Processes]:
    moment = gateway.plane._road.clock() // 3600 * 3600 + 1
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server())
        holders, planes, urls = [], [], []
        for rank in range(3):
            holder = SnapshotHolder(Snapshot().with_shards(1, [gateway.holder.current.keys]))
            holder.peers = Peers(rank, 3)
            client = TransportClient(AddressPolicy.allowing([gateway.upstream.url]))
            plane = DataPlane(
                holder, client, public_url="https://gw.example", redis_url=redis.url, clock=lambda: moment
            )
            stack.push_async_callback(plane.aclose)
            urls.append(await stack.enter_async_context(Served(plane)))
            holders.append(holder)
            planes.append(plane)
        found = Processes(gateway, redis, holders, planes, urls)
        found.app({"system": "cmdb", "component": None})
        yield found


def rate(most: int, **more: Any) -> dict[str, Any]:
    return {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 3600, "tokens": most}]}, **more}}


async def test_n_admits_exactly_n_over_all_processes(processes: Processes) -> None:
    processes.system(component("search"), policies=[rate(50)])
    assert await processes.calls(40) == {200: 50, 429: 70}
    assert len(processes.gateway.upstream.received) == 50


async def test_a_refused_call_is_counted_by_none_of_its_limits(processes: Processes) -> None:
    processes.system(component("search", policies=[rate(5)]), component("other"))
    processes.app({"system": "cmdb", "component": None}, policies=[rate(9)])
    assert await processes.calls(4) == {200: 5, 429: 7}
    assert await processes.calls(3, "other") == {200: 4, 429: 5}


async def test_an_admitted_call_is_told_what_is_left(processes: Processes) -> None:
    processes.system(component("search"), policies=[rate(4)])
    await processes.calls(1)
    headers = {"authorization": f"Bearer {token()}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        last = await http.post(f"{processes.urls[0]}/api/cmdb/prod/search")
        refused = await http.post(f"{processes.urls[1]}/api/cmdb/prod/search")
    assert (last.status_code, last.headers["x-bkapi-ratelimit-remaining"]) == (200, "0")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3599")


async def test_a_kept_answer_counts_too(processes: Processes) -> None:
    cache = {"kind": "response-cache", "config": {"ttl": 60}}
    processes.system(component("search", upstream_method="GET"), policies=[rate(5), cache])
    assert await processes.calls(1) == {200: 3}
    assert await processes.calls(2) == {200: 2, 429: 4}
    assert len(processes.gateway.upstream.received) == 3


async def test_counts_outlive_the_processes(processes: Processes) -> None:
    processes.system(component("search"), policies=[rate(4)])
    await processes.calls(1)
    processes.system(component("search"), release="2.0.0", policies=[rate(4)])
    assert await processes.calls(1) == {200: 1, 429: 2}


async def test_while_redis_is_away_the_policy_decides_and_a_metric_tells(processes: Processes) -> None:
    processes.system(
        component("search", policies=[rate(1)]), component("other", policies=[rate(1, on_failure="refuse")])
    )
    await processes.redis.stop()
    assert await processes.calls(2) == {200: 6}
    assert await processes.calls(2, "other") == {503: 6}
    assert [plane.limit_failures() for plane in processes.planes] == [{"admitted": 2, "refused": 2}] * 3


async def test_redis_that_comes_back_is_counted_in_again(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.dataplane.limits.shared_counts._PAUSE_SECONDS", 0.05)
    processes.system(component("search"), policies=[rate(5)])
    await processes.redis.stop()
    assert await processes.calls(2) == {200: 6}
    await processes.redis.start()
    await asyncio.sleep(0.06)
    assert await processes.calls(4) == {200: 5, 429: 7}
