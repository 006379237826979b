"""Several objects by one call: all of them, or none."""

from typing import Any

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database


async def _names(shop: Shop, component: str, field: str) -> set[str]:
    found = await shop.gateway.data(component, {"bk_biz_id": shop.business, "page": {"limit": 100}})
    return {each[field] for each in found["info"]}


async def _modules_of(shop: Shop, host_id: int) -> set[int]:
    asked = {"bk_biz_id": shop.business, "bk_host_ids": [host_id], "page": {"start": 0, "limit": 10}}
    relations = await shop.gateway.data("find_host_topo_relation", asked)
    return {one["bk_module_id"] for one in relations["info"]}


async def _place(shop: Shop, host: int, *modules: Any) -> None:
    asked = {"bk_biz_id": shop.business, "bk_host_id": [host], "bk_module_id": list(modules), "is_increment": False}
    await shop.gateway.data("transfer_host_module", asked)


async def test_sets_and_modules_are_made_changed_and_emptied_together(shop: Shop) -> None:
    business = {"bk_biz_id": shop.business}
    sets = [{"bk_set_name": "north", "bk_set_env": "1"}, {"bk_set_name": "south"}]
    made = await shop.gateway.data("batch_create_set", {**business, "sets": sets})
    assert [each["bk_set_name"] for each in made["info"]] == ["north", "south"]
    in_both = {"bk_set_ids": [f"set_{made['bk_set_ids'][0]}", made["bk_set_ids"][1]]}
    modules = await shop.gateway.data(
        "batch_create_module", {**business, **in_both, "modules": [{"bk_module_name": "a"}, {"bk_module_name": "b"}]}
    )
    assert [(each["bk_set_id"], each["bk_module_name"]) for each in modules["info"]] == [
        (set_id, name) for set_id in made["bk_set_ids"] for name in "ab"
    ]
    changed = {**business, "bk_module_ids": modules["bk_module_ids"], "data": {"operator": "ada"}}
    await shop.gateway.data("batch_update_module", changed)
    found = await shop.gateway.data("search_module", {**business, "condition": {"operator": "ada"}})
    assert {each["bk_module_id"] for each in found["info"]} == set(modules["bk_module_ids"])
    host = shop.hosts[0]
    await _place(shop, host, f"module_{modules['bk_module_ids'][0]}", modules["bk_module_ids"][3])
    await shop.gateway.data("transfer_sethosts_to_idle_module", {**business, **in_both})
    assert not await _modules_of(shop, host) & set(modules["bk_module_ids"])


async def test_one_that_can_not_be_made_keeps_all_from_being_made(shop: Shop) -> None:
    business = {"bk_biz_id": shop.business}
    sets = [{"bk_set_name": "north"}, {"bk_set_name": "east"}]
    refused = await shop.gateway.call("batch_create_set", {**business, "sets": sets})
    assert "The set name east is taken" in refused["message"]
    assert await _names(shop, "search_set", "bk_set_name") & {"north", "east"} == {"east"}
    missing = {**business, "bk_module_ids": [shop.web, 4711], "data": {"operator": "ada"}}
    assert "no module 4711" in (await shop.gateway.call("batch_update_module", missing))["message"]
    many = {**business, "bk_set_ids": [shop.set_id], "modules": [{"bk_module_name": f"m{n}"} for n in range(201)]}
    assert (await shop.gateway.call("batch_create_module", many))["result"] is False


async def test_a_new_host_takes_the_place_of_a_broken_one(shop: Shop) -> None:
    broken, new = shop.hosts[0], shop.hosts[1]
    attribute = {"bk_obj_id": "host", "bk_property_id": "rack", "bk_property_name": "Rack"}
    await shop.gateway.data("create_object_attribute", {**attribute, "bk_property_type": "singlechar"})
    await shop.gateway.data(
        "update_host", {"bk_host_id": [broken], "data": {"rack": "r7", "bk_comment": "till Friday"}}
    )
    await _place(shop, broken, shop.web, shop.database)
    asked = {"bk_biz_id": shop.business, "replacements": [{"cc_fault_ip": "10.0.0.1", "cc_new_ip": "0:10.0.0.2"}]}
    answered = await shop.gateway.data("replace_fault_hosts", asked)
    assert answered == {"bk_host_ids": [new]}
    assert await _modules_of(shop, new) == {shop.web, shop.database}
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]["module"]
    assert await _modules_of(shop, broken) == {internal[1]["bk_module_id"]}
    hosts = await shop.gateway.data("list_biz_hosts", {"bk_biz_id": shop.business, "page": {"limit": 10}})
    (found,) = (each for each in hosts["info"] if each["bk_host_id"] == new)
    assert {name: found[name] for name in ("rack", "bk_comment", "operator", "bk_host_name", "bk_mem")} == {
        "rack": "r7",
        "bk_comment": "till Friday",
        "operator": "ada",
        "bk_host_name": "web-2",
        "bk_mem": 2048,
    }


@one_database
async def test_no_host_is_replaced_where_one_can_not_be(shop: Shop) -> None:
    await _place(shop, shop.hosts[0], shop.web)
    good = {"cc_fault_ip": "10.0.0.1", "cc_new_ip": "10.0.0.2"}
    for bad, why in (
        ({"cc_fault_ip": "10.0.0.3", "cc_new_ip": "10.0.0.4"}, "10.0.0.3 stands in no module but"),
        ({"cc_fault_ip": "10.0.0.3", "cc_new_ip": "10.0.0.2"}, "10.0.0.2 stands there twice"),
        ({"cc_fault_ip": "10.0.0.3", "cc_new_ip": "10.9.9.9"}, "no host at 10.9.9.9"),
    ):
        refused = await shop.gateway.call(
            "replace_fault_hosts", {"bk_biz_id": shop.business, "replacements": [good, bad]}
        )
        assert why in refused["message"]
    assert await _modules_of(shop, shop.hosts[0]) == {shop.web}
