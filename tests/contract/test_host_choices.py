"""Which hosts a choice comes to: the same, whoever answers the inventory's components on the stage that flows call."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.coded.hosts.resolve_hosts import SYSTEM
from tests.contract.conftest import House, Surface, back_end_order
from tests.support.stand import approved_grant, fetch_token, import_system


@pytest.fixture(scope="module")
def token(house: House) -> str:
    import_system(house.server, house.api, SYSTEM)
    approved_grant(house.api, "caller", SYSTEM)
    return fetch_token(house.server.url, "caller", house.secret)


@pytest.fixture
def resolving(surface: Surface, house: House, token: str) -> Iterator[Surface]:
    """The stage prod, which coded components call, is answered as the surface is."""
    if surface.is_embedded:
        yield surface
        return
    stage = "/systems/cmdb/stages/prod/back-end?wait=30"
    assert house.api.put(stage, back_end_order(house.blueking, "cmdb", surface.back_end))["live"] is True
    yield surface
    assert house.api.put(stage, {"back_end": "embedded"})["live"] is True


def resolve(surface: Surface, token: str, **params: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = surface.http.post(f"/api/{SYSTEM}/prod/resolve_hosts", json=params, headers=headers)
    return dict(answer.json())


def test_a_choice_comes_to_the_same_hosts(resolving: Surface, token: str) -> None:
    place = resolving.place
    first, second, third = place.hosts
    resolving.data(
        "cmdb.transfer_host_module",
        bk_biz_id=place.business,
        bk_host_id=[first],
        bk_module_id=[place.module],
        is_increment=False,
    )
    in_module = {"topo": [{"bk_obj_id": "module", "bk_inst_id": place.module}]}
    in_set = {"topo": [{"bk_obj_id": "set", "bk_inst_id": place.set}], "ip": [{"bk_host_id": second}]}
    narrowed = {
        "topo": [{"bk_obj_id": "biz", "bk_inst_id": place.business}],
        "excludes": [{"field": "ip", "value": ["10.0.0.2"]}],
    }
    for choice, hosts in ((in_module, [first]), (in_set, [first, second]), (narrowed, [first, third])):
        answer = resolve(resolving, token, bk_biz_id=place.business, choice=choice)
        assert answer["result"] is True, answer
        found = answer["data"]
        assert (found["host_ids"], found["count"]) == (hosts, len(hosts))
        assert {host["bk_biz_id"] for host in found["hosts"]} == {place.business}
    assert found["ips"] == "10.0.0.1,10.0.0.3"


def test_hosts_are_named_by_a_text_of_addresses_and_moved(resolving: Surface, token: str) -> None:
    """As the plugins of the inventory do it."""
    place = resolving.place
    text = "0:10.0.0.1\n10.0.0.3"
    found = resolve(resolving, token, bk_biz_id=place.business, addresses=text)["data"]
    assert found["host_ids"] == [place.hosts[0], place.hosts[2]]
    moving = {"bk_biz_id": place.business, "bk_host_id": found["host_ids"]}
    resolving.data("cmdb.transfer_host_to_faultmodule", **moving)
    fault = resolving.data("cmdb.get_biz_internal_module", bk_biz_id=place.business)["module"][1]["bk_module_id"]
    asked = {"bk_biz_id": place.business, "bk_module_ids": [fault], "page": {"limit": 10}}
    there = resolving.data("cmdb.list_biz_hosts", **asked)["info"]
    assert [host["bk_host_id"] for host in there] == found["host_ids"]


def test_a_host_that_is_not_there_is_named(resolving: Surface, token: str) -> None:
    answer = resolve(resolving, token, addresses="10.0.0.1, 10.0.0.77")
    assert answer["result"] is False
    assert "choice.ip.1: the inventory has no host 0:10.0.0.77" in answer["message"]
