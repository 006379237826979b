"""Which hosts a choice comes to, in one call of the inventory or in several."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from pydantic import ValidationError

from gateway.coded.component import CodedCall
from gateway.coded.hosts.resolve_hosts import ResolveHosts, ResolveHostsInputs
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller

SHOP, BANK = 30_000_000_001, 30_000_000_002
WEB, EAST = 30_000_000_011, 30_000_000_012
NOT_TO_BE_HAD = 1306404
_GROUPS_OF_SETS = {"set": 1, "many sets": 401}


def _host(number: int, area: int = 0) -> dict[str, Any]:
    return {
        "bk_host_id": number,
        "bk_cloud_id": area,
        "bk_host_innerip": f"10.0.0.{number}",
        "bk_host_name": f"h{number}",
    }


@dataclass
class Inventory:
    """As BK-CMDB answers: the hosts 1 to 3 of the shop, of which 1 stands in the module, 1 and 2 in the set; 9, in area
    5, is the bank's.
    """

    at_once: dict[str, Any] | int = NOT_TO_BE_HAD
    businesses: dict[int, list[dict[str, Any]]] = field(
        default_factory=lambda: {SHOP: [_host(1), _host(2), _host(3)], BANK: [_host(9, 5)]}
    )
    asked: list[str] = field(default_factory=list)

    async def __call__(self, component: str, inputs: Mapping[str, Any] | None = None) -> Any:
        given = dict(inputs or {})
        self.asked.append(component.removeprefix("cmdb."))
        assert component in ResolveHosts.invokes
        return getattr(self, f"_{self.asked[-1]}")(given)

    def _resolve_hosts(self, _given: dict[str, Any]) -> Any:
        if isinstance(self.at_once, int):
            raise ComponentError(self.at_once, "cmdb: refused")
        return self.at_once

    def _list_biz_hosts(self, given: dict[str, Any]) -> Any:
        inside = {"bk_module_ids": [1], "bk_set_ids": [1, 2]}
        assert len(given.get("bk_set_ids", ())) <= 200
        kept = next((numbers for name, numbers in inside.items() if given.get(name)), None)
        found = [host for host in self.businesses[given["bk_biz_id"]] if kept is None or host["bk_host_id"] in kept]
        return _page(_fitting(found, given), given, 500)

    def _list_hosts_without_biz(self, given: dict[str, Any]) -> Any:
        return _page(_fitting([host for hosts in self.businesses.values() for host in hosts], given), given, 500)

    def _find_host_biz_relations(self, given: dict[str, Any]) -> Any:
        pairs = [(business, host["bk_host_id"]) for business, hosts in self.businesses.items() for host in hosts]
        return [{"bk_biz_id": business, "bk_host_id": host} for business, host in pairs if host in given["bk_host_id"]]

    def _get_dynamic_group(self, given: dict[str, Any]) -> Any:
        return {"bk_obj_id": "host" if given["id"] == "host" else "set"}

    def _execute_dynamic_group(self, given: dict[str, Any]) -> Any:
        sets = [{"bk_set_id": EAST + index} for index in range(_GROUPS_OF_SETS.get(given["id"], 0))]
        members = [_host(2)] if given["id"] == "host" else sets
        return _page(members, given, 200)


def _fitting(hosts: list[dict[str, Any]], given: dict[str, Any]) -> list[dict[str, Any]]:
    rules = given.get("host_property_filter", {}).get("rules", [])
    takes = {"in": lambda found, value: found in value, "equal": lambda found, value: found == value}
    return [host for host in hosts if all(_fits(host, takes[one["operator"]], one) for one in rules)]


def _fits(host: dict[str, Any], takes: Callable[[Any, Any], bool], rule: dict[str, Any]) -> bool:
    """Of a host with several addresses, any does."""
    found = host[rule["field"]]
    return any(takes(each, rule["value"]) for each in (found.split(",") if isinstance(found, str) else [found]))


def _page(found: list[dict[str, Any]], given: dict[str, Any], most: int) -> dict[str, Any]:
    start, limit = given["page"]["start"], given["page"]["limit"]
    assert 0 < limit <= most
    return {"count": len(found), "info": found[start : start + limit]}


async def resolve(inventory: Inventory, bound: int | None = None, **inputs: Any) -> dict[str, Any]:
    async def business() -> int | None:
        return bound

    caller = SignedCaller("app", "ada", "p1", "", "0" * 32)
    given = ResolveHostsInputs.model_validate(inputs)
    return await ResolveHosts().handle(CodedCall(caller, given, None, cast("Any", None), inventory, business))


async def test_an_inventory_that_answers_at_once_is_asked_nothing_else() -> None:
    told = {"count": 1, "ips": "10.0.0.7", "hosts": [{"bk_host_id": 7}]}
    inventory = Inventory(at_once=told)
    assert await resolve(inventory, choice={"ip": [{"bk_host_id": 7}]}) == {**told, "host_ids": [7]}
    assert inventory.asked == ["resolve_hosts"]


async def test_what_that_inventory_refuses_is_refused() -> None:
    inventory = Inventory(at_once=1103006)
    with pytest.raises(ComponentError, match="cmdb: refused") as told:
        await resolve(inventory, choice={"ip": [{"bk_host_id": 7}]})
    assert (told.value.code, inventory.asked) == (1103006, ["resolve_hosts"])


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ({"ip": [{"bk_host_id": 3}, {"bk_host_innerip": "10.0.0.1"}]}, [1, 3]),
        ({"topo": [{"bk_obj_id": "biz", "bk_inst_id": SHOP}]}, [1, 2, 3]),
        ({"topo": [{"bk_obj_id": "set", "bk_inst_id": EAST}, {"bk_obj_id": "module", "bk_inst_id": WEB}]}, [1, 2]),
        ({"group": [{"id": "host"}]}, [2]),
        ({"group": [{"id": "set"}]}, [1, 2]),
        ({"group": [{"id": "many sets"}]}, [1, 2]),
        ({"group": [{"id": "empty"}]}, []),
        ({"ip": [{"bk_host_id": 3}], "topo": [{"bk_obj_id": "module", "bk_inst_id": WEB}], "selectors": ["topo"]}, [1]),
        (
            {
                "topo": [{"bk_obj_id": "biz", "bk_inst_id": SHOP}],
                "filters": [{"field": "ip", "value": ["10.0.0.1", "10.0.0.2"]}],
                "excludes": [{"field": "host", "value": ["10.0.0.1"]}],
            },
            [2],
        ),
    ],
)
async def test_another_is_asked_what_it_has_in_the_business(choice: dict[str, Any], ids: list[int]) -> None:
    for inputs, bound in (({"bk_biz_id": SHOP}, None), ({}, SHOP)):
        answer = await resolve(Inventory(), bound, choice=choice, **inputs)
        assert (answer["host_ids"], answer["count"]) == (ids, len(ids))
        assert answer["ips"] == ",".join(f"10.0.0.{number}" for number in ids)
        assert {host["bk_biz_id"] for host in answer["hosts"]} <= {SHOP}


async def test_without_a_business_hosts_are_found_by_address_wherever_they_are() -> None:
    answer = await resolve(Inventory(), addresses="10.0.0.2; 5:10.0.0.9")
    assert [(host["bk_host_id"], host["bk_biz_id"]) for host in answer["hosts"]] == [(2, SHOP), (9, BANK)]
    whole = await resolve(
        Inventory(), choice={"topo": [{"bk_obj_id": "biz", "bk_inst_id": BANK}], "with_cloud_id": True}
    )
    assert whole["ips"] == "5:10.0.0.9"


@pytest.mark.parametrize(("inputs", "bound"), [({}, None), ({"bk_biz_id": SHOP}, None), ({}, SHOP)])
async def test_a_host_with_several_addresses_is_found_by_any_and_told_by_that(
    inputs: dict[str, Any], bound: int | None
) -> None:
    inventory = Inventory()
    inventory.businesses[SHOP] = [{**_host(1), "bk_host_innerip": "10.0.0.1,10.0.0.7,10.0.0.8"}, _host(2)]
    answer = await resolve(inventory, bound, addresses="10.0.0.7, 10.0.0.2, 10.0.0.8", **inputs)
    assert (answer["host_ids"], answer["ips"]) == ([1, 2], "10.0.0.7,10.0.0.2")
    choice = {"ip": [{"bk_host_id": 1}, {"bk_host_innerip": "10.0.0.2"}]}
    assert (await resolve(inventory, bound, choice=choice, **inputs))["ips"] == "10.0.0.1,10.0.0.2"


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"choice": {"topo": [{"bk_obj_id": "set", "bk_inst_id": EAST}]}}, "choice.topo.0: .* send bk_biz_id"),
        ({"choice": {"group": [{"id": "host"}]}}, "choice.group.0: .* send bk_biz_id"),
        ({"addresses": "10.0.0.1 10.0.0.8"}, "choice.ip.1: the inventory has no host 0:10.0.0.8"),
        ({"addresses": "10.0.0.1", "bk_biz_id": BANK}, f"choice.ip.0: business {BANK} has no host 0:10.0.0.1"),
        ({"choice": {"ip": [{"bk_host_id": 4}]}}, "choice.ip.0: the inventory has no host 4"),
        (
            {"choice": {"topo": [{"bk_obj_id": "biz", "bk_inst_id": SHOP}]}, "bk_biz_id": BANK},
            f"choice.topo.0: is business {SHOP}, not {BANK}",
        ),
    ],
)
async def test_what_is_not_there_is_named(inputs: dict[str, Any], named: str) -> None:
    with pytest.raises(ComponentError, match=named):
        await resolve(Inventory(), **inputs)


async def test_all_pages_are_read_and_too_many_hosts_refused() -> None:
    inventory = Inventory()
    inventory.businesses[SHOP] = [_host(number) for number in range(1, 1_202)]
    choice = {"topo": [{"bk_obj_id": "biz", "bk_inst_id": SHOP}]}
    assert (await resolve(inventory, choice=choice))["host_ids"] == list(range(1, 1_202))
    assert inventory.asked == ["resolve_hosts", *["list_biz_hosts"] * 3]
    inventory.businesses[SHOP] = [_host(number) for number in range(1, 5_002)]
    with pytest.raises(ComponentError, match="choice: names 5001 hosts in one place; at most 5000"):
        await resolve(inventory, choice=choice)


@pytest.mark.parametrize(
    "inputs", [{}, {"addresses": " "}, {"addresses": "10.0.0.1", "choice": {}}, {"addresses": "10.0.0.1 " * 501}]
)
def test_one_way_of_naming_them_is_taken(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="addresses"):
        ResolveHostsInputs.model_validate(inputs)


@pytest.mark.parametrize("address", ["web-1", "x", "9999999999:10.0.0.1", "a" * 200])
def test_what_is_no_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(ValidationError, match=f"addresses has '{address[:80]}', which is no address"):
        ResolveHostsInputs.model_validate({"addresses": f"10.0.0.1, {address}"})
