"""The inventory's standard components by `bkapi-component-open`, each with GET or POST as the client has it."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from bkapi_component.open.client import Client

from tests.functional.blueking.conftest import Site
from tests.functional.blueking.test_component_open import PAGE, client_of


@pytest.fixture(scope="module")
def cc(running_site: Site) -> Iterator[Any]:
    with client_of(running_site) as client:
        yield _Succeeding(client)


class _Succeeding:
    """Calls that must succeed; answers `data`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, component: str) -> Any:
        def call(**params: Any) -> Any:
            answer = getattr(self._client.cc, component)(params)
            assert answer["result"] is True, answer
            return answer["data"]

        return call


@pytest.fixture(scope="module")
def place(cc: Any) -> dict[str, int]:
    """A business with a set, a module and two idle hosts."""
    tag = uuid4().hex[:6]
    business = cc.create_business(data={"bk_biz_name": f"inventory {tag}"})["bk_biz_id"]
    inside = cc.create_set(bk_biz_id=business, data={"bk_set_name": "east"})["bk_set_id"]
    module = cc.create_module(bk_biz_id=business, bk_set_id=inside, data={"bk_module_name": "web"})["bk_module_id"]
    hosts = [{"bk_host_innerip": f"fd00::{tag[:4]}:{number}", "bk_mem": number * 1024} for number in (1, 2)]
    ids = cc.add_host_to_business_idle(bk_biz_id=business, bk_host_list=hosts)["bk_host_ids"]
    return {"business": business, "set": inside, "module": module, "first": ids[0], "second": ids[1]}


def test_hosts_move_and_are_found_where_they_stand(cc: Any, place: dict[str, int]) -> None:
    business, hosts = place["business"], [place["first"], place["second"]]
    move = {"bk_biz_id": business, "bk_host_id": hosts, "bk_module_id": [place["module"]], "is_increment": False}
    assert cc.transfer_host_module(**move) == {}
    relations = cc.find_host_topo_relation(bk_biz_id=business, bk_host_ids=hosts, page=PAGE)
    assert {each["bk_module_id"] for each in relations["info"]} == {place["module"]}
    assert cc.find_host_by_topo(bk_biz_id=business, bk_obj_id="set", bk_inst_id=place["set"], fields=[], page=PAGE)[
        "count"
    ] == len(hosts)
    with_topo = cc.list_biz_hosts_topo(bk_biz_id=business, page=PAGE)["info"]
    assert with_topo[0]["topo"][0]["module"][0]["bk_module_name"] == "web"
    internal = cc.get_biz_internal_module(bk_biz_id=business)
    for component, number in (("transfer_host_to_faultmodule", 1), ("transfer_host_to_idlemodule", 0)):
        assert getattr(cc, component)(bk_biz_id=business, bk_host_id=hosts) == {}
        relations = cc.find_host_topo_relation(bk_biz_id=business, bk_host_ids=hosts, page=PAGE)
        standing = {each["bk_module_id"] for each in relations["info"]}
        assert standing == {internal["module"][number]["bk_module_id"]}


def test_hosts_are_listed_by_filter(cc: Any, place: dict[str, int]) -> None:
    nested = {"condition": "OR", "rules": [{"field": "bk_mem", "operator": "greater", "value": 1024}]}
    rules = [{"field": "bk_host_innerip", "operator": "begins_with", "value": "fd00::"}, nested]
    asked = {"bk_biz_id": place["business"], "page": PAGE, "fields": ["bk_host_id"]}
    found = cc.list_biz_hosts(**asked, host_property_filter={"condition": "AND", "rules": rules})
    assert found["info"] == [{"bk_host_id": place["second"]}]
    assert cc.list_hosts_without_biz(page=PAGE)["count"] >= 0


def test_the_tree_is_searched_level_by_level(cc: Any, place: dict[str, int]) -> None:
    (tree,) = cc.search_biz_inst_topo(bk_biz_id=place["business"], level=-1)
    assert tree["child"][0]["child"][0]["bk_inst_id"] == place["module"]
    sets = cc.search_set(bk_biz_id=place["business"], fields=["bk_set_name"], condition={}, page=PAGE)
    assert {"bk_set_name": "east"} in sets["info"]
    modules = cc.search_module(
        bk_biz_id=place["business"], bk_set_id=place["set"], fields=[], condition={"bk_module_name": "web"}, page=PAGE
    )
    assert modules["count"] == 1
    condition = {"bk_biz_id": place["business"]}
    assert cc.search_business(fields=["bk_biz_name"], condition=condition, page=PAGE)["count"] == 1


def test_changes_are_watched_from_a_cursor_on(cc: Any, place: dict[str, int]) -> None:
    watched = {"bk_resource": "host", "bk_fields": ["bk_host_id", "bk_comment"], "bk_supplier_account": "0"}
    begun = cc.resource_watch(**watched, wait_seconds=0)["bk_events"][0]["bk_cursor"]
    cc.update_host(bk_host_id=str(place["first"]), data={"bk_comment": "watched"})
    found = cc.resource_watch(**watched, bk_cursor=begun)
    assert found["bk_watched"] is True
    assert found["bk_events"][-1]["bk_detail"] == {"bk_host_id": place["first"], "bk_comment": "watched"}


def test_a_running_server_tells_webhooks_of_changes(cc: Any, site: Site, place: dict[str, int]) -> None:
    asked = {"params": {"url": f"{site.backend.url}/inventory", "resources": ["host"]}}
    made = site.api.post("/systems/cmdb/stages/prod/components/create_event_webhook:call", asked)["data"]
    cc.update_host(bk_host_id=str(place["second"]), data={"bk_comment": "told"})
    deadline = time.monotonic() + 20
    while not site.backend.received and time.monotonic() < deadline:
        time.sleep(0.1)
    (message,) = site.backend.received
    assert message.headers["webhook-id"].startswith(made["id"])
    assert [each["bk_detail"]["bk_comment"] for each in message.json["data"]["events"]] == ["told"]
    gone = {"params": {"id": made["id"]}}
    assert site.api.post("/systems/cmdb/stages/prod/components/delete_event_webhook:call", gone)["result"] is True
