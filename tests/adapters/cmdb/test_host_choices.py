"""Choices of hosts as the variables of Standard OPS keep them, and what they come to."""

from typing import Any

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database


async def _resolved(shop: Shop, choice: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = await shop.gateway.data("resolve_hosts", {"choice": choice, **more})
    return found


async def test_a_choice_comes_to_each_of_its_hosts_once(shop: Shop) -> None:
    place = {
        "bk_biz_id": shop.business,
        "bk_host_id": shop.hosts[:2],
        "bk_module_id": [shop.web],
        "is_increment": False,
    }
    await shop.gateway.data("transfer_host_module", place)
    rule = {"bk_obj_id": "host", "condition": [{"field": "bk_host_innerip", "operator": "$eq", "value": "10.0.0.4"}]}
    kept = {"bk_biz_id": shop.business, "bk_obj_id": "host", "name": "odd", "info": {"condition": [rule]}}
    group = (await shop.gateway.data("create_dynamic_group", kept))["id"]
    choice = {
        "ip": [{"bk_host_innerip": "10.0.0.2", "bk_cloud_id": 0}, {"bk_host_id": shop.hosts[2]}],
        "topo": [{"bk_obj_id": "module", "bk_inst_id": shop.web}],
        "group": [{"id": group}],
        "static_ip_table_config": [],
    }
    found = await _resolved(shop, choice, bk_biz_id=shop.business)
    assert (found["ips"], found["count"]) == ("10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4", 4)
    assert found["hosts"][0] == {
        "bk_host_id": shop.hosts[0],
        "bk_cloud_id": 0,
        "bk_host_innerip": "10.0.0.1",
        "bk_host_name": "web-1",
        "bk_biz_id": shop.business,
    }
    fewer = {**choice, "selectors": ["topo"], "separator": "\n", "with_cloud_id": True}
    assert (await _resolved(shop, fewer))["ips"] == "0:10.0.0.1\n0:10.0.0.2"
    narrowed = {
        **choice,
        "filters": [{"field": "ip", "value": ["10.0.0.1", "10.0.0.4"]}],
        "excludes": [{"field": "host", "value": ["10.0.0.4"]}],
    }
    assert (await _resolved(shop, narrowed))["ips"] == "10.0.0.1"
    assert await _resolved(shop, {}) == {"count": 0, "ips": "", "hosts": []}


@one_database
async def test_what_is_not_there_is_named(shop: Shop) -> None:
    for choice, said in (
        ({"ip": [{"bk_host_innerip": "10.0.0.1"}, {"bk_host_innerip": "10.1.1.1"}]}, "choice.ip.1: the inventory"),
        (
            {"ip": [{"bk_host_innerip": "10.0.0.1", "cloud": [{"id": "3"}]}]},
            "choice.ip.0: the inventory has no host 3:",
        ),
        ({"ip": [{"bk_host_id": 999999}]}, "choice.ip.0: the inventory has no host 999999"),
        ({"topo": [{"bk_obj_id": "set", "bk_inst_id": 999999}]}, "choice: the inventory has no set 999999"),
        ({"group": [{"id": "gone"}]}, "choice: the inventory has no dynamic group of hosts gone"),
        ({"ip": [{"bk_host_innerip": "10.9.9.9"}]}, "choice: 10.9.9.9 does not belong to business"),
        ({"filters": [{"field": "set", "value": ["east"]}]}, "choice.filters.0.field"),
    ):
        answer = await shop.gateway.call("resolve_hosts", {"choice": choice, "bk_biz_id": shop.business})
        assert answer["result"] is False
        assert said in answer["message"]
