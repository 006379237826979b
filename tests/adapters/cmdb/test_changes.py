import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.cmdb.service.hosts import InventoryHosts
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.machine import is_own_address
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database


async def _modules_of(shop: Shop, host_id: int) -> list[int]:
    asked = {"bk_biz_id": shop.business, "bk_host_ids": [host_id], "page": {"start": 0, "limit": 10}}
    relations = await shop.gateway.data("find_host_topo_relation", asked)
    return sorted(one["bk_module_id"] for one in relations["info"])


async def _move(shop: Shop, host_ids: list[int], module_ids: list[int], *, increment: bool) -> dict[str, Any]:
    asked = {"bk_biz_id": shop.business, "bk_host_id": host_ids, "bk_module_id": module_ids, "is_increment": increment}
    return await shop.gateway.call("transfer_host_module", asked)


async def test_a_transfer_adds_to_or_replaces_modules_and_always_leaves_the_internal_one(shop: Shop) -> None:
    host = shop.hosts[0]
    assert (await _move(shop, [host], [shop.web], increment=True))["result"] is True
    assert await _modules_of(shop, host) == [shop.web]
    await _move(shop, [host], [shop.database], increment=True)
    assert await _modules_of(shop, host) == sorted([shop.web, shop.database])
    await _move(shop, [host], [shop.database], increment=False)
    assert await _modules_of(shop, host) == [shop.database]


async def test_hosts_are_listed_with_the_set_and_modules_they_stand_in(shop: Shop) -> None:
    await _move(shop, shop.hosts[:1], [shop.web, shop.database], increment=False)
    page = {"start": 0, "limit": 1}
    listed = await shop.gateway.data("list_biz_hosts_topo", {"bk_biz_id": shop.business, "page": page})
    assert listed["count"] == 4
    (place,) = listed["info"][0]["topo"]
    assert place["bk_set_name"] == "east"
    assert [module["bk_module_name"] for module in place["module"]] == ["web", "database"]
    by_module = {"bk_biz_id": shop.business, "page": page, "bk_module_ids": [shop.web]}
    assert (await shop.gateway.data("list_biz_hosts", by_module))["count"] == 1
    condition = {"field": "bk_set_name", "operator": "$eq", "value": "east"}
    by_set = {"bk_biz_id": shop.business, "page": page, "set_cond": [condition]}
    assert (await shop.gateway.data("list_biz_hosts", by_set))["count"] == 1


async def test_hosts_go_to_idle_fault_and_recycle(shop: Shop) -> None:
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]["module"]
    asked = {"bk_biz_id": shop.business, "bk_host_id": shop.hosts[:2]}
    await _move(shop, shop.hosts[:2], [shop.web, shop.database], increment=False)
    for component, module in (
        ("transfer_host_to_faultmodule", internal[1]),
        ("transfer_host_to_recyclemodule", internal[2]),
        ("transfer_host_to_idlemodule", internal[0]),
    ):
        assert await shop.gateway.data(component, asked) == {}
        assert await _modules_of(shop, shop.hosts[0]) == [module["bk_module_id"]]


async def test_refused_transfers_change_nothing(shop: Shop) -> None:
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]["module"]
    idle = internal[0]["bk_module_id"]
    for host_ids, module_ids, reason in (
        ([shop.hosts[0]], [shop.web, idle], "can't be combined"),
        ([shop.hosts[0]], [999], "has no module 999"),
        ([shop.hosts[0], 998, 999], [shop.web], "There is no host 998, 999"),
        ([shop.hosts[0], shop.pool], [shop.web], f"Not in business {shop.business}: host {shop.pool}"),
    ):
        answer = await _move(shop, host_ids, module_ids, increment=False)
        assert answer["result"] is False
        assert reason in answer["message"]
    assert await _modules_of(shop, shop.hosts[0]) == [idle]


async def test_pool_hosts_join_a_business_and_only_idle_ones_leave(shop: Shop) -> None:
    asked = {"bk_biz_id": shop.business, "bk_host_id": [shop.pool]}
    assert await shop.gateway.data("transfer_resourcehost_to_idlemodule", asked) == {}
    await _move(shop, [shop.pool], [shop.web], increment=False)
    refused = await shop.gateway.call("transfer_host_to_resourcemodule", asked)
    assert refused["message"] == f"Only idle hosts leave a business; not idle: {shop.pool}"
    await shop.gateway.data("transfer_host_to_idlemodule", asked)
    await shop.gateway.data("transfer_host_to_resourcemodule", asked)
    pool = await shop.gateway.data("list_resource_pool_hosts", {"page": {"start": 0, "limit": 5}})
    assert [host["bk_host_id"] for host in pool["info"]] == [shop.pool]


async def test_only_sent_fields_of_hosts_change(shop: Shop) -> None:
    ids = f"{shop.hosts[0]},{shop.hosts[1]}"
    await shop.gateway.data("update_host", {"bk_host_id": ids, "data": {"bk_comment": "spare"}})
    asked = {"bk_biz_id": shop.business, "page": {"start": 0, "limit": 9}, "fields": ["bk_comment", "bk_host_name"]}
    info = (await shop.gateway.data("list_biz_hosts", asked))["info"]
    assert [host["bk_comment"] for host in info] == ["spare", "spare", "", ""]
    assert info[0]["bk_host_name"] == "web-1"
    empty = await shop.gateway.call("update_host", {"bk_host_id": ids, "data": {}})
    assert "data: names no field" in empty["message"]


async def test_names_and_addresses_are_taken_once(shop: Shop) -> None:
    for component, asked, reason in (
        ("create_business", {"data": {"bk_biz_name": "shop"}}, "business name shop is taken"),
        ("create_set", {"bk_biz_id": shop.business, "data": {"bk_set_name": "east"}}, "set name east is taken"),
        (
            "create_module",
            {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "data": {"bk_module_name": "web"}},
            "module name web is taken",
        ),
        ("add_host_to_resource", {"host_info": {"0": {"bk_host_innerip": "10.0.0.1"}}}, "10.0.0.1 is host"),
        (
            "add_host_to_resource",
            {"host_info": {"0": {"bk_host_innerip": "10.7.0.1"}, "1": {"bk_host_innerip": "10.7.0.1"}}},
            "same address",
        ),
    ):
        answer = await shop.gateway.call(component, asked)
        assert answer["result"] is False, component
        assert reason in answer["message"]


async def test_this_machine_registers_itself_and_refreshes(shop: Shop) -> None:
    first = await shop.gateway.data("add_local_host_to_business_idle", {"bk_biz_id": shop.business})
    assert is_own_address(first["bk_host_innerip"])
    assert first["bk_os_type"] == "1"
    assert min(first["bk_cpu"], first["bk_mem"], first["bk_disk"]) > 0
    again = await shop.gateway.data("add_local_host_to_business_idle", {"bk_biz_id": shop.business})
    assert again["bk_host_id"] == first["bk_host_id"]


async def test_other_systems_find_hosts_by_id_and_address(shop: Shop, database: Database) -> None:
    async with database.reading() as session:
        by_id = await InventoryHosts().by_ids(session, [shop.hosts[0], 999])
        by_address = await InventoryHosts().by_addresses(session, [(0, "10.0.0.2"), (1, "10.0.0.1")])
    assert {host_id: host.ip for host_id, host in by_id.items()} == {shop.hosts[0]: "10.0.0.1"}
    assert {place: host.name for place, host in by_address.items()} == {(0, "10.0.0.2"): "web-2"}


async def test_changes_are_audited_with_app_person_and_both_states(shop: Shop, database: Database) -> None:
    await _move(shop, shop.hosts[:1], [shop.web], increment=False)
    async with database.reading() as session:
        wanted = select(AuditRecord).where(AuditRecord.action == "cmdb_host.transferred")
        (kept,) = (await session.execute(wanted)).scalars()
    assert (kept.actor, kept.on_behalf_of, kept.project_id) == ("demo-app", "ada", "p1")
    assert kept.after == {"bk_module_id": [shop.web]}


async def test_a_key_repeated_twenty_times_at_once_has_one_effect(gateway: Gateway) -> None:
    asked = {"data": {"bk_biz_name": "shop"}}
    answers = await asyncio.gather(*(gateway.call("create_business", asked, key="run:1") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["result"] is True
    assert (await gateway.data("search_business", {}))["count"] == 1


async def test_a_key_with_another_request_is_refused_and_of_another_app_is_another_key(gateway: Gateway) -> None:
    await gateway.data("create_business", {"data": {"bk_biz_name": "shop"}}, key="run:1")
    body = json.dumps({"data": {"bk_biz_name": "bank"}}).encode()
    other = await gateway.send(gateway.signed("POST", "/create_business", body, key="run:1"))
    assert (other.status_code, other.json()["result"], other.json()["code"]) == (409, False, 1199409)
    stranger = Gateway(gateway.system, gateway.clock, identity={"x-trunkline-app": "other"})
    assert (await stranger.call("create_business", {"data": {"bk_biz_name": "bank"}}, key="run:1"))["result"] is True


async def test_a_refused_call_leaves_its_key_free(gateway: Gateway) -> None:
    asked = {"bk_biz_id": 1, "data": {"bk_set_name": "east"}}
    assert (await gateway.call("create_set", asked, key="run:1"))["result"] is False
    await gateway.data("create_business", {"data": {"bk_biz_name": "shop"}})
    assert (await gateway.call("create_set", asked, key="run:1"))["result"] is True


@one_database
@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"{", 400, "not valid JSON"),
        (b"[1]", 400, "must be a JSON object"),
        (b'{"bk_biz_id": NaN}', 400, "not valid JSON"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, 400, "nested too deeply"),
        (b"\xff\xfe", 400, "not valid JSON"),
        (b"{}", 200, "bk_biz_id: is missing; give it"),
        (b'{"bk_biz_id": "x", "page": 1}', 200, "bk_biz_id: is no whole number; send a whole number"),
        (b'{"bk_biz_id": 99999999999999999999}', 200, "bk_biz_id"),
        (b'{"bk_biz_id": 1, "condition": {"bk_set_name": "\\ud800"}}', 200, "surrogate"),
    ],
)
async def test_what_cannot_be_read_or_is_wrong_is_named(gateway: Gateway, body: bytes, status: int, named: str) -> None:
    answer = await gateway.send(gateway.signed("POST", "/search_set", body))
    assert (answer.status_code, answer.json()["result"]) == (status, False)
    assert named in answer.json()["message"]


async def test_unknown_components_paths_and_methods_are_answered_in_shape(gateway: Gateway) -> None:
    for method, target, status in (("POST", "/nothing", 404), ("POST", "/a/b", 404), ("DELETE", "/search_set", 405)):
        answer: httpx.Response = await gateway.send(gateway.signed(method, target, b""))
        assert (answer.status_code, answer.json()["result"]) == (status, False)


async def test_the_document_lists_every_component_with_scope_kind_and_both_languages(gateway: Gateway) -> None:
    document = gateway.system.document()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    reads = {one["operationId"] for one in operations if one["x-trunkline-read"]}
    assert {"search_business", "list_biz_hosts", "get_biz_internal_module"} <= reads
    assert {"create_business", "transfer_host_module"}.isdisjoint(reads)
    for one in operations:
        usual = "cmdb:read" if one["operationId"] in reads else "cmdb:write"
        (needed,) = one["security"]
        assert needed["oauth2"] in ([usual], ["cmdb:manage"])
        assert one["summary"]
        assert one["x-zh"]["summary"]
    assert set(document["paths"]["/search_biz_inst_topo"]) == {"get"}
