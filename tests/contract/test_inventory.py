"""The inventory's standard components: the same calls, the same meaning, whoever answers."""

from typing import Any

import pytest

from tests.contract.conftest import Surface

PAGE = {"start": 0, "limit": 10}


def test_businesses_are_searched_page_by_page(surface: Surface) -> None:
    first = surface.data(
        "cmdb.search_business", fields=["bk_biz_name"], page={"start": 0, "limit": 2, "sort": "bk_biz_id"}
    )
    rest = surface.data(
        "cmdb.search_business", fields=["bk_biz_name"], page={"start": 2, "limit": 2, "sort": "bk_biz_id"}
    )
    assert (first["count"], rest["count"]) == (3, 3)
    assert [each["bk_biz_name"] for each in (*first["info"], *rest["info"])] == ["Shop", "Bank", "Mill"]
    found = surface.data("cmdb.search_business", condition={"bk_biz_name": "Shop"}, page=PAGE)
    assert [each["bk_biz_id"] for each in found["info"]] == [surface.place.business]


def test_sets_and_modules_are_searched_in_their_business(surface: Surface) -> None:
    here = {"bk_biz_id": surface.place.business, "page": PAGE}
    sets = surface.data("cmdb.search_set", **here, condition={"bk_set_name": "east"})
    assert [(each["bk_set_id"], each["bk_set_name"]) for each in sets["info"]] == [(surface.place.set, "east")]
    modules = surface.data("cmdb.search_module", **here, bk_set_id=surface.place.set, fields=["bk_module_id"])
    assert modules == {"count": 1, "info": [{"bk_module_id": surface.place.module}]}
    everywhere = surface.data("cmdb.search_module", **here)
    assert everywhere["count"] == 4, "the internal ones too"


def test_hosts_are_listed_by_a_nested_filter_page_by_page(surface: Surface) -> None:
    by_memory = {"condition": "OR", "rules": [{"field": "bk_mem", "operator": "greater", "value": 1024}]}
    rules = [{"field": "bk_host_innerip", "operator": "begins_with", "value": "10.0.0."}, by_memory]
    asked: dict[str, Any] = {
        "bk_biz_id": surface.place.business,
        "fields": ["bk_host_id"],
        "host_property_filter": {"condition": "AND", "rules": rules},
    }
    found = [
        surface.data("cmdb.list_biz_hosts", **asked, page={"start": start, "limit": 1, "sort": "bk_host_id"})
        for start in (0, 1, 2)
    ]
    assert [each["count"] for each in found] == [2, 2, 2]
    assert [host["bk_host_id"] for each in found for host in each["info"]] == surface.place.hosts[1:]
    outside = surface.data(
        "cmdb.list_hosts_without_biz", page=PAGE, host_property_filter={"condition": "AND", "rules": rules}
    )
    assert outside["count"] == 2


def test_a_host_is_told_with_the_place_it_stands_in(surface: Surface) -> None:
    business, hosts = surface.place.business, surface.place.hosts
    listed = surface.data("cmdb.list_biz_hosts_topo", bk_biz_id=business, page=PAGE, fields=["bk_host_id"])
    assert [each["host"]["bk_host_id"] for each in listed["info"]] == hosts
    (topo,) = listed["info"][0]["topo"]
    internal = surface.data("cmdb.get_biz_internal_module", bk_biz_id=business)
    assert topo["bk_set_id"] == internal["bk_set_id"]
    assert topo["module"][0]["bk_module_id"] == internal["module"][0]["bk_module_id"]
    assert [each["default"] for each in internal["module"]] == [1, 2, 3]


def test_the_old_search_finds_hosts_by_address(surface: Surface) -> None:
    if not surface.offers("search_host"):
        return
    found = surface.data(
        "cmdb.search_host", ip={"data": ["10.0.0.2"], "exact": 1, "flag": "bk_host_innerip"}, page=PAGE
    )
    (entry,) = found["info"]
    assert set(entry) >= {"host", "biz", "set", "module"}
    assert (entry["host"]["bk_host_id"], entry["host"]["bk_cloud_id"][0]["bk_inst_id"]) == (surface.place.hosts[1], 0)


def test_the_tree_has_the_business_above_its_sets_and_modules(surface: Surface) -> None:
    (tree,) = surface.data("cmdb.search_biz_inst_topo", bk_biz_id=surface.place.business, level=-1)
    assert (tree["bk_obj_id"], tree["bk_inst_id"], tree["bk_inst_name"]) == ("biz", surface.place.business, "Shop")
    (east,) = [each for each in tree["child"] if each["bk_inst_name"] == "east"]
    assert [each["bk_inst_id"] for each in east["child"]] == [surface.place.module]
    assert set(tree) >= {"bk_obj_id", "bk_obj_name", "bk_inst_id", "bk_inst_name", "child"}


def test_hosts_move_and_their_relations_tell_where_to(surface: Surface) -> None:
    business, hosts = surface.place.business, surface.place.hosts[:2]
    move = {"bk_biz_id": business, "bk_host_id": hosts, "bk_module_id": [surface.place.module], "is_increment": False}
    assert not surface.data("cmdb.transfer_host_module", **move)
    related = surface.data("cmdb.find_host_topo_relation", bk_biz_id=business, bk_host_ids=hosts, page=PAGE)
    assert (related["count"], related["page"]["limit"]) == (2, 10)
    expected = {"bk_biz_id": business, "bk_set_id": surface.place.set, "bk_module_id": surface.place.module}
    assert all(each.items() >= expected.items() for each in related["info"])
    internal = surface.data("cmdb.get_biz_internal_module", bk_biz_id=business)["module"]
    for number, kind in enumerate(("idle", "fault", "recycle")):
        assert not surface.data(f"cmdb.transfer_host_to_{kind}module", bk_biz_id=business, bk_host_id=hosts)
        related = surface.data("cmdb.find_host_topo_relation", bk_biz_id=business, bk_host_ids=hosts, page=PAGE)
        assert {each["bk_module_id"] for each in related["info"]} == {internal[number]["bk_module_id"]}


def test_attributes_and_cloud_areas_are_read(surface: Surface) -> None:
    attributes = surface.data("cmdb.search_object_attribute", bk_obj_id="host")
    (address,) = [each for each in attributes if each["bk_property_id"] == "bk_host_innerip"]
    told = {
        "id", "bk_obj_id", "bk_property_id", "bk_property_name", "bk_property_type", "bk_property_group", "isrequired",
        "isonly", "isreadonly", "ispre", "editable", "option", "unit", "placeholder",
    }  # fmt: skip
    assert set(address) >= told
    areas = surface.data("cmdb.search_cloud_area", page=PAGE)
    assert 0 in {each["bk_cloud_id"] for each in areas["info"]}


def test_sets_are_made_changed_and_removed(surface: Surface) -> None:
    here = {"bk_biz_id": surface.place.business}
    data = {"bk_set_name": "west", "bk_parent_id": surface.place.business}
    made = surface.data("cmdb.create_set", **here, data=data)["bk_set_id"]
    assert surface.call("cmdb.update_set", **here, bk_set_id=made, data={"bk_set_name": "north"})["result"] is True
    found = surface.data("cmdb.search_set", **here, condition={"bk_set_name": "north"}, page=PAGE)
    assert [each["bk_set_id"] for each in found["info"]] == [made]
    assert surface.call("cmdb.delete_set", **here, bk_set_id=made)["result"] is True
    assert surface.data("cmdb.search_set", **here, condition={"bk_set_name": "north"}, page=PAGE)["count"] == 0


@pytest.mark.parametrize(
    ("component", "params", "named"),
    [
        ("search_business", {"page": {"limit": 201}}, "limit"),
        ("search_set", {"page": PAGE}, "bk_biz_id"),
        ("search_module", {"bk_biz_id": "Shop", "page": PAGE}, "bk_biz_id"),
        ("list_biz_hosts", {"bk_biz_id": 1, "page": {"limit": 501}}, "limit"),
        ("list_biz_hosts_topo", {"bk_biz_id": 1}, "page"),
        ("list_hosts_without_biz", {"page": {"limit": 501}}, "limit"),
        ("get_biz_internal_module", {}, "bk_biz_id"),
        ("search_biz_inst_topo", {"bk_biz_id": "Shop"}, "bk_biz_id"),
        ("find_host_topo_relation", {"bk_biz_id": 1, "page": {"limit": 501}}, "limit"),
        ("transfer_host_module", {"bk_biz_id": 1, "bk_host_id": [1], "bk_module_id": [1]}, "is_increment"),
        ("transfer_host_to_idlemodule", {"bk_biz_id": 1, "bk_host_id": 7}, "bk_host_id"),
        ("transfer_host_to_faultmodule", {"bk_host_id": [7]}, "bk_biz_id"),
        ("search_cloud_area", {"page": {"limit": "ten"}}, "limit"),
        ("create_set", {"bk_biz_id": 1}, "data"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_done(
    surface: Surface, component: str, params: dict[str, Any], named: str
) -> None:
    assert named in surface.refused(f"cmdb.{component}", **params)
    assert surface.blueking.callers == []


def test_a_refusal_of_the_system_has_its_code_and_message(surface: Surface) -> None:
    asked = {"bk_biz_id": surface.place.business, "bk_host_id": surface.place.hosts[:1], "is_increment": False}
    answer = surface.call("cmdb.transfer_host_module", **asked, bk_module_id=[999_999])
    assert (answer["result"], answer["code"] > 1_000_000, "permission" in answer) == (False, True, True)
    assert "999999" in answer["message"] or "bk_module_id" in answer["message"]
    assert not answer.keys() & {"bk_error_code", "bk_error_msg"}
