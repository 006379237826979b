"""Dynamic groups, and hosts as the job system finds them: by place and by group."""

from typing import Any

import pytest

from adapters.cmdb.service.hosts import InventoryHosts
from kernel.contracts.hosts import HostsUnknown
from kernel.db.database import Database
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database

LINUX = {"bk_obj_id": "host", "condition": [{"field": "bk_os_type", "operator": "$eq", "value": "1"}]}


async def _grouped(shop: Shop, *parts: dict[str, Any], kind: str = "host", name: str = "linux") -> str:
    asked = {"bk_biz_id": shop.business, "bk_obj_id": kind, "name": name, "info": {"condition": list(parts)}}
    return str((await shop.gateway.data("create_dynamic_group", asked))["id"])


async def _members(shop: Shop, group: str, **asked: Any) -> list[int]:
    found = await shop.gateway.data("execute_dynamic_group", {"bk_biz_id": shop.business, "id": group, **asked})
    assert found["count"] == len(found["info"])
    return [one.get("bk_host_id") or one["bk_set_id"] for one in found["info"]]


async def _into_web(shop: Shop, *hosts: int) -> None:
    moved = {"bk_biz_id": shop.business, "bk_host_id": list(hosts), "bk_module_id": [shop.web], "is_increment": False}
    await shop.gateway.data("transfer_host_module", moved)


async def test_who_belongs_to_a_group_is_found_when_it_is_asked(shop: Shop) -> None:
    web = {"bk_obj_id": "module", "condition": [{"field": "bk_module_name", "operator": "$in", "value": ["web"]}]}
    linux, both = await _grouped(shop, LINUX), await _grouped(shop, LINUX, web, name="linux in web")
    assert await _members(shop, linux, fields=["bk_host_id"]) == [shop.hosts[0], shop.hosts[3]]
    assert await _members(shop, both) == []
    await _into_web(shop, *shop.hosts[2:])
    assert await _members(shop, both) == [shop.hosts[3]]
    assert await _members(shop, linux, page={"start": 0, "limit": 200, "sort": "-bk_host_id"}) == [
        shop.hosts[3],
        shop.hosts[0],
    ]


async def test_a_group_is_changed_found_and_deleted(shop: Shop) -> None:
    group = await _grouped(shop, LINUX)
    mine = {"bk_biz_id": shop.business, "id": group}
    east = {"bk_obj_id": "set", "condition": [{"field": "bk_set_name", "operator": "$eq", "value": "east"}]}
    await shop.gateway.data("update_dynamic_group", {**mine, "name": "in east", "info": {"condition": [east]}})
    found = await shop.gateway.data(
        "search_dynamic_group", {"bk_biz_id": shop.business, "condition": {"name": "in east"}, "page": {"limit": 10}}
    )
    assert [one["id"] for one in found["info"]] == [group]
    got = await shop.gateway.data("get_dynamic_group", mine)
    assert (got["name"], got["info"], got["create_user"]) == ("in east", {"condition": [east]}, "ada")
    assert await _members(shop, group) == []
    assert await shop.gateway.data("delete_dynamic_group", mine) == {}
    assert "has no dynamic group" in (await shop.gateway.call("execute_dynamic_group", mine))["message"]


async def test_a_group_of_sets_has_sets(shop: Shop) -> None:
    normal = {"bk_obj_id": "set", "condition": [{"field": "default", "operator": "$ne", "value": 1}]}
    assert await _members(shop, await _grouped(shop, normal, kind="set")) == [shop.set_id]


@one_database
async def test_what_cannot_be_asked_is_refused_by_name(shop: Shop) -> None:
    wrong = {"bk_obj_id": "host", "condition": [{"field": "colour", "operator": "$eq", "value": "1"}]}
    sign = {"bk_obj_id": "host", "condition": [{"field": "bk_mem", "operator": "near", "value": 1}]}
    for parts, kind, problem in (
        ([LINUX, wrong], "host", "info.condition.1.condition.0.field: there is no field colour"),
        ([sign], "host", "info.condition.0.condition.0.operator: near is none of"),
        ([LINUX], "set", "info.condition.0.bk_obj_id: is not set"),
        ([], "host", "info.condition"),
    ):
        asked = {"bk_biz_id": shop.business, "bk_obj_id": kind, "name": "x", "info": {"condition": parts}}
        assert problem in (await shop.gateway.call("create_dynamic_group", asked))["message"]
    group = await _grouped(shop, LINUX)
    asked = {"bk_biz_id": shop.business, "bk_obj_id": "host", "name": "linux", "info": {"condition": [LINUX]}}
    assert "has a dynamic group linux already" in (await shop.gateway.call("create_dynamic_group", asked))["message"]
    other = (await shop.gateway.data("create_business", {"data": {"bk_biz_name": "other"}}))["bk_biz_id"]
    answer = await shop.gateway.call("get_dynamic_group", {"bk_biz_id": other, "id": group})
    assert "has no dynamic group" in answer["message"]


async def test_the_directory_finds_hosts_by_place_and_by_group(shop: Shop, database: Database) -> None:
    await _into_web(shop, *shop.hosts[1:3])
    group = await _grouped(shop, LINUX)
    hosts = InventoryHosts()
    async with database.reading() as session:
        for places, expected in (
            ([("module", shop.web)], shop.hosts[1:3]),
            ([("set", shop.set_id), ("module", shop.web)], shop.hosts[1:3]),
            ([("module", shop.database)], []),
            ([("biz", shop.business)], shop.hosts),
        ):
            assert [host.host_id for host in await hosts.in_places(session, places)] == expected
        found = await hosts.in_groups(session, [group])
        assert [(host.host_id, host.business_id) for host in found] == [
            (shop.hosts[0], shop.business),
            (shop.hosts[3], shop.business),
        ]
        with pytest.raises(HostsUnknown, match="no module 999"):
            await hosts.in_places(session, [("module", 999)])
        with pytest.raises(HostsUnknown, match="no dynamic group of hosts gone"):
            await hosts.in_groups(session, ["gone"])
