"""Hosts by the place they stand in, and moves of whole places."""

from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database

PAGE = {"start": 0, "limit": 10}


async def _place(shop: Shop, hosts: list[int], modules: list[int]) -> None:
    asked = {"bk_biz_id": shop.business, "bk_host_id": hosts, "bk_module_id": modules, "is_increment": False}
    await shop.gateway.data("transfer_host_module", asked)


async def _below(shop: Shop, kind: str, node: int) -> list[int]:
    asked = {"bk_biz_id": shop.business, "bk_obj_id": kind, "bk_inst_id": node, "fields": ["bk_host_id"], "page": PAGE}
    found = await shop.gateway.data("find_host_by_topo", asked)
    assert found["count"] == len(found["info"])
    return [each["bk_host_id"] for each in found["info"]]


async def test_hosts_below_a_node_are_found_once_and_counted(shop: Shop) -> None:
    both, one = shop.hosts[:2]
    await _place(shop, [both], [shop.web, shop.database])
    await _place(shop, [one], [shop.web])
    assert await _below(shop, "set", shop.set_id) == [both, one]
    assert await _below(shop, "module", shop.database) == [both]
    counted = (await shop.gateway.get("count_hosts_by_topo", {"bk_biz_id": shop.business}))["data"]
    counts = {(each["bk_obj_id"], each["bk_inst_id"]): each["host_count"] for each in counted}
    assert (counts["biz", shop.business], counts["set", shop.set_id], counts["module", shop.web]) == (4, 2, 2)


async def test_a_host_tells_its_places_and_properties(shop: Shop) -> None:
    await _place(shop, shop.hosts[:1], [shop.web])
    relations = await shop.gateway.data("find_host_biz_relations", {"bk_host_id": [shop.hosts[0], shop.pool]})
    expected = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "bk_module_id": shop.web}
    assert relations == [{"bk_host_id": shop.hosts[0], **expected}]
    info = (await shop.gateway.get("get_host_base_info", {"bk_host_id": shop.hosts[0]}))["data"]
    values = {each["bk_property_id"]: each["bk_property_value"] for each in info}
    assert (values["bk_host_innerip"], values["bk_mem"]) == ("10.0.0.1", 1024)


async def test_sets_and_modules_are_read_by_id(shop: Shop) -> None:
    asked = {"bk_biz_id": shop.business, "bk_ids": [shop.web, 999], "fields": ["bk_module_name"]}
    assert await shop.gateway.data("find_module_batch", asked) == [{"bk_module_name": "web"}]
    sets = {"bk_biz_id": shop.business, "bk_ids": [shop.set_id], "fields": ["bk_set_name"]}
    assert await shop.gateway.data("find_set_batch", sets) == [{"bk_set_name": "east"}]


async def test_a_set_is_emptied_module_by_module_or_whole(shop: Shop) -> None:
    await _place(shop, shop.hosts[:1], [shop.web])
    await _place(shop, shop.hosts[1:3], [shop.database])
    place = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id}
    await shop.gateway.data("transfer_sethost_to_idle_module", {**place, "bk_module_id": shop.web})
    assert await _below(shop, "set", shop.set_id) == shop.hosts[1:3]
    await shop.gateway.data("transfer_sethost_to_idle_module", place)
    assert await _below(shop, "set", shop.set_id) == []
    await shop.gateway.data("transfer_sethost_to_idle_module", place)


async def test_only_idle_hosts_go_to_another_business_and_there_into_an_internal_module(shop: Shop) -> None:
    other = (await shop.gateway.data("create_business", {"data": {"bk_biz_name": "bank"}}))["bk_biz_id"]
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": other}))["data"]["module"]
    asked = {"src_bk_biz_id": shop.business, "dst_bk_biz_id": other, "bk_module_id": internal[0]["bk_module_id"]}
    await _place(shop, shop.hosts[:1], [shop.web])
    refused = await shop.gateway.call("transfer_host_across_biz", {**asked, "bk_host_id": shop.hosts[:2]})
    assert refused["message"] == f"Only idle hosts leave a business; not idle: {shop.hosts[0]}"
    await shop.gateway.data("transfer_host_across_biz", {**asked, "bk_host_id": shop.hosts[1:2]})
    listed = await shop.gateway.data("list_biz_hosts", {"bk_biz_id": other, "page": PAGE})
    assert [each["bk_host_id"] for each in listed["info"]] == shop.hosts[1:2]
    back = {"src_bk_biz_id": other, "dst_bk_biz_id": shop.business, "bk_module_id": shop.web}
    answer = await shop.gateway.call("transfer_host_across_biz", {**back, "bk_host_id": shop.hosts[1:2]})
    assert "none of the idle, fault and recycle modules" in answer["message"]


async def test_hosts_are_updated_each_in_its_own_way_or_none(shop: Shop) -> None:
    changes = [{"bk_host_id": host, "properties": {"bk_sn": f"S{host}"}} for host in shop.hosts[:2]]
    await shop.gateway.data("batch_update_host", {"update": changes})
    wrong = [{"bk_host_id": shop.hosts[0], "properties": {"bk_sn": "X"}}, {"bk_host_id": 999, "properties": {}}]
    assert (await shop.gateway.call("batch_update_host", {"update": wrong}))["message"] == "There is no host 999"
    asked = {"bk_biz_id": shop.business, "page": PAGE, "fields": ["bk_sn"]}
    info = (await shop.gateway.data("list_biz_hosts", asked))["info"]
    assert [each["bk_sn"] for each in info[:2]] == [f"S{host}" for host in shop.hosts[:2]]


@one_database
@pytest.mark.parametrize("condition", [[], [{"field": "bk_inst_id", "operator": "$eq", "value": 1}]])
async def test_no_host_stands_in_a_level_that_is_not_there(shop: Shop, condition: list[Any]) -> None:
    asked = {"condition": [{"bk_obj_id": "object", "fields": [], "condition": condition}], "page": PAGE}
    found = await shop.gateway.data("search_host", asked)
    assert found["count"] == (0 if condition else 5)
