"""Changes as events: in the transaction of the change, in the order of commits, read from a cursor on."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.cmdb.service.events.repository import EventRepository
from kernel.clock import ManualClock
from kernel.db.database import Database
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database


async def watched(gateway: Gateway, resource: str, cursor: str = "0", **more: Any) -> list[dict[str, Any]]:
    asked = {"bk_resource": resource, "bk_cursor": cursor, "wait_seconds": 0, **more}
    answer = await gateway.data("resource_watch", asked)
    assert answer["bk_watched"] is (answer["bk_events"][0]["bk_detail"] is not None)
    return list(answer["bk_events"])


async def test_every_change_is_an_event_with_the_whole_object(shop: Shop) -> None:
    gateway, host = shop.gateway, shop.hosts[0]
    await gateway.data("update_host", {"bk_host_id": host, "data": {"bk_mem": 2048}})
    await gateway.data("delete_host", {"bk_host_id": shop.pool})
    hosts = await watched(gateway, "host")
    assert [each["bk_event_type"] for each in hosts] == ["create"] * 5 + ["update", "delete"]
    assert (hosts[5]["bk_detail"]["bk_mem"], hosts[5]["bk_detail"]["bk_host_name"]) == (2048, "web-1")
    assert hosts[6]["bk_detail"]["bk_host_id"] == shop.pool
    assert [each["bk_event_type"] for each in await watched(gateway, "biz")] == ["create"]
    names = [each["bk_detail"]["bk_module_name"] for each in await watched(gateway, "module")]
    assert names[-2:] == ["web", "database"]


async def test_a_move_is_a_place_left_and_a_place_taken(shop: Shop) -> None:
    begun = (await watched(shop.gateway, "host_relation"))[-1]["bk_cursor"]
    move = {"bk_biz_id": shop.business, "bk_host_id": shop.hosts[:1], "bk_module_id": [shop.web], "is_increment": True}
    await shop.gateway.data("transfer_host_module", move)
    left, taken = await watched(shop.gateway, "host_relation", begun)
    assert (left["bk_event_type"], taken["bk_event_type"]) == ("delete", "create")
    place = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "bk_module_id": shop.web}
    assert taken["bk_detail"] == {**place, "bk_host_id": shop.hosts[0]}


async def test_what_is_watched_is_narrowed_and_goes_on_from_the_cursor(shop: Shop) -> None:
    first = await watched(shop.gateway, "host", bk_fields=["bk_host_innerip"])
    assert first[0]["bk_detail"] == {"bk_host_innerip": "10.0.0.1"}
    assert [each["bk_cursor"] for each in await watched(shop.gateway, "host", first[2]["bk_cursor"])] == [
        each["bk_cursor"] for each in first[3:]
    ]
    nothing = await watched(shop.gateway, "host", bk_event_types=["delete"])
    assert (nothing[0]["bk_event_type"], nothing[0]["bk_detail"]) == ("", None)
    assert int(nothing[0]["bk_cursor"]) >= int(first[-1]["bk_cursor"])


async def test_a_refused_change_is_no_event(shop: Shop) -> None:
    begun = (await watched(shop.gateway, "host"))[-1]["bk_cursor"]
    wrong = {"host_info": {"0": {"bk_host_innerip": "10.7.7.7"}, "1": {"bk_host_innerip": "10.0.0.1"}}}
    assert (await shop.gateway.call("add_host_to_resource", wrong))["result"] is False
    assert (await watched(shop.gateway, "host", begun))[0]["bk_detail"] is None


async def test_a_watcher_waits_for_what_happens_next(shop: Shop) -> None:
    waiting = asyncio.create_task(shop.gateway.data("resource_watch", {"bk_resource": "host", "wait_seconds": 20}))
    for number in range(50):
        await shop.gateway.data("update_host", {"bk_host_id": shop.pool, "data": {"bk_comment": str(number)}})
        if waiting.done():
            break
    answer = await waiting
    assert answer["bk_watched"] is True
    assert answer["bk_events"][0]["bk_detail"]["bk_host_id"] == shop.pool


async def test_readers_at_the_head_miss_nothing_of_changes_made_at_once(shop: Shop) -> None:
    async def rename(number: int) -> None:
        await shop.gateway.data("update_host", {"bk_host_id": shop.hosts[number % 4], "data": {"bk_sn": f"S{number}"}})

    cursor = (await watched(shop.gateway, "host"))[-1]["bk_cursor"]
    changing = asyncio.gather(*(rename(number) for number in range(12)))
    seen: list[str] = []
    while len(seen) < 12:
        events = await watched(shop.gateway, "host", cursor)
        cursor = events[-1]["bk_cursor"]
        seen += [each["bk_detail"]["bk_sn"] for each in events if each["bk_detail"] is not None]
    await changing
    assert sorted(seen) == sorted(f"S{number}" for number in range(12))


async def test_a_cursor_whose_events_are_forgotten_is_told_apart(
    shop: Shop, database: Database, clock: ManualClock
) -> None:
    early, late = (await watched(shop.gateway, "host"))[0], (await watched(shop.gateway, "host_relation"))[-1]
    clock.advance(days=8)
    async with database.unit_of_work() as session:
        await EventRepository().remove_before(session, clock.now() - timedelta(days=7))
    asked = {"bk_resource": "host", "bk_cursor": early["bk_cursor"], "wait_seconds": 0}
    refused = await shop.gateway.call("resource_watch", asked)
    assert (refused["result"], refused["code"]) == (False, 1103007)
    await shop.gateway.data("delete_host", {"bk_host_id": shop.pool})
    head = {**asked, "bk_cursor": str(int(late["bk_cursor"]) + 1)}
    assert (await shop.gateway.data("resource_watch", head))["bk_events"][0]["bk_event_type"] == "delete"


@one_database
async def test_events_are_watched_from_a_time_on(shop: Shop, clock: ManualClock) -> None:
    clock.advance(minutes=1)
    await shop.gateway.data("delete_host", {"bk_host_id": shop.pool})
    asked = {"bk_resource": "host", "wait_seconds": 0, "bk_start_from": int(clock.now().timestamp()) - 30}
    (only,) = (await shop.gateway.data("resource_watch", asked))["bk_events"]
    assert only["bk_event_type"] == "delete"


@one_database
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"bk_resource": "process"}, "bk_resource"),
        ({"bk_resource": "host", "bk_cursor": "MQ0y"}, "bk_cursor"),
        ({"bk_resource": "host", "bk_cursor": "999999"}, "none that was ever given"),
        ({"bk_resource": "host", "bk_cursor": "1", "bk_start_from": 1}, "one of the two"),
        ({"bk_resource": "host", "wait_seconds": 26}, "wait_seconds"),
    ],
)
async def test_a_wrong_watch_is_refused_by_name(gateway: Gateway, asked: dict[str, Any], reason: str) -> None:
    await gateway.data("create_cloud_area", {"bk_cloud_name": "west"})
    refused = await gateway.call("resource_watch", asked)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
