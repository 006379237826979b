from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database


async def _areas(gateway: Gateway, **asked: Any) -> dict[int, str]:
    found = await gateway.data("search_cloud_area", asked)
    assert found["count"] == len(found["info"])
    return {area["bk_cloud_id"]: area["bk_cloud_name"] for area in found["info"]}


async def _created(gateway: Gateway, name: str) -> int:
    made = await gateway.data("create_cloud_area", {"bk_cloud_name": name})
    area: int = made["created"]["id"]
    return area


async def test_a_cloud_area_is_made_renamed_and_deleted(gateway: Gateway) -> None:
    assert await _areas(gateway) == {0: "default area"}
    area = await _created(gateway, "west")
    assert await gateway.data("update_cloud_area", {"bk_cloud_id": area, "bk_cloud_name": "far west"}) == {}
    assert await _areas(gateway, condition={"bk_cloud_id": area}) == {area: "far west"}
    assert await gateway.data("delete_cloud_area", {"bk_cloud_id": area}) == {}
    assert await _areas(gateway) == {0: "default area"}


async def test_one_address_may_stand_in_two_areas(shop: Shop) -> None:
    west = await _created(shop.gateway, "west")
    host = {"bk_host_innerip": "10.0.0.1", "bk_cloud_id": west}
    added = await shop.gateway.data("add_host_to_resource", {"host_info": {"0": host}})
    assert added["bk_host_ids"] != shop.hosts[:1]
    again = await shop.gateway.call("add_host_to_resource", {"host_info": {"0": host}})
    assert f"is host {added['bk_host_ids'][0]} already" in again["message"]


async def test_an_area_with_hosts_stays(shop: Shop) -> None:
    west = await _created(shop.gateway, "west")
    host = {"bk_host_innerip": "10.0.0.1", "bk_cloud_id": west}
    await shop.gateway.data("add_host_to_resource", {"host_info": {"0": host}})
    refused = await shop.gateway.call("delete_cloud_area", {"bk_cloud_id": west})
    assert (refused["result"], "remove them first" in refused["message"]) == (False, True)
    assert west in await _areas(shop.gateway)


@one_database
@pytest.mark.parametrize(
    ("component", "asked", "reason"),
    [
        ("create_cloud_area", {"bk_cloud_name": "default area"}, "is taken"),
        ("create_cloud_area", {"bk_cloud_name": ""}, "bk_cloud_name"),
        ("update_cloud_area", {"bk_cloud_id": 0, "bk_cloud_name": "mine"}, "bk_cloud_id"),
        ("update_cloud_area", {"bk_cloud_id": 7, "bk_cloud_name": "mine"}, "no cloud area 7"),
        ("delete_cloud_area", {"bk_cloud_id": 0}, "bk_cloud_id"),
        ("search_cloud_area", {"condition": {"colour": "red"}}, "there is no field colour"),
        (
            "add_host_to_resource",
            {"host_info": {"0": {"bk_host_innerip": "10.1.1.1", "bk_cloud_id": 9}}},
            "There is no cloud area 9",
        ),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    gateway: Gateway, component: str, asked: dict[str, Any], reason: str
) -> None:
    refused = await gateway.call(component, asked)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
    assert await _areas(gateway) == {0: "default area"}


async def test_a_name_taken_by_another_area_is_refused(gateway: Gateway) -> None:
    area = await _created(gateway, "west")
    refused = await gateway.call("update_cloud_area", {"bk_cloud_id": area, "bk_cloud_name": "default area"})
    assert refused["message"].endswith("is taken")
    assert (await _areas(gateway))[area] == "west"
