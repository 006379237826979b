"""The first version of searching hosts, and the attributes of objects."""

from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database


async def _names(shop: Shop, **asked: Any) -> list[str]:
    found = await shop.gateway.data("search_host", asked)
    assert found["count"] == len(found["info"])
    return [each["host"]["bk_host_name"] for each in found["info"]]


def _condition(object_id: str, field: str, operator: str, value: Any) -> dict[str, Any]:
    return {
        "bk_obj_id": object_id,
        "fields": [],
        "condition": [{"field": field, "operator": operator, "value": value}],
    }


async def test_hosts_are_found_by_address_exactly_or_in_part(shop: Shop) -> None:
    assert await _names(shop, ip={"data": ["10.0.0.1"], "exact": 1, "flag": "bk_host_innerip"}) == ["web-1"]
    part = {"data": ["0.0.1", "0.0.2"], "exact": 0, "flag": "bk_host_innerip|bk_host_outerip"}
    assert await _names(shop, ip=part) == ["web-1", "web-2"]
    assert await _names(shop, ip={"data": ["10.0.0.1"], "flag": "bk_host_outerip"}) == []


async def test_conditions_on_every_object_must_all_hold(shop: Shop) -> None:
    moved = {"bk_biz_id": shop.business, "bk_host_id": shop.hosts[:2], "bk_module_id": [shop.web]}
    await shop.gateway.data("transfer_host_module", {**moved, "is_increment": False})
    business = _condition("biz", "bk_biz_name", "$eq", "shop")
    inside = _condition("set", "bk_set_name", "$eq", "east")
    module = _condition("module", "bk_module_name", "$in", ["web"])
    assert len(await _names(shop, condition=[business])) == 4
    assert await _names(shop, condition=[business, inside, module]) == ["web-1", "web-2"]
    assert await _names(shop, condition=[module, _condition("host", "bk_os_type", "$eq", "2")]) == ["web-2"]
    assert await _names(shop, bk_biz_id=shop.business, condition=[_condition("set", "bk_set_name", "$eq", "x")]) == []


async def test_a_host_is_answered_with_where_it_stands(shop: Shop) -> None:
    moved = {"bk_biz_id": shop.business, "bk_host_id": shop.hosts[:1], "bk_module_id": [shop.web, shop.database]}
    await shop.gateway.data("transfer_host_module", {**moved, "is_increment": False})
    asked = {
        "ip": {"data": ["10.0.0.1"]},
        "condition": [{"bk_obj_id": "host", "fields": ["bk_host_innerip", "bk_cloud_id"], "condition": []}],
    }
    (found,) = (await shop.gateway.data("search_host", asked))["info"]
    (area,) = found["host"].pop("bk_cloud_id")
    assert found["host"] == {"bk_host_innerip": "10.0.0.1"}
    assert (area["bk_inst_id"], area["bk_inst_name"], area["bk_obj_id"]) == (0, "default area", "plat")
    assert [each["bk_biz_name"] for each in found["biz"]] == ["shop"]
    assert [each["bk_set_name"] for each in found["set"]] == ["east"]
    assert [each["bk_module_name"] for each in found["module"]] == ["web", "database"]


@one_database
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"condition": [_condition("host", "colour", "$eq", "red")]}, "condition.0.condition.0.field"),
        ({"condition": [_condition("host", "bk_mem", "like", 1)]}, "condition.0.condition.0.operator"),
        ({"condition": [_condition("plat", "bk_cloud_name", "$eq", "x")]}, "condition.0.bk_obj_id"),
        ({"page": {"limit": 501}}, "page.limit"),
    ],
)
async def test_a_wrong_question_is_refused_by_name(shop: Shop, asked: dict[str, Any], reason: str) -> None:
    refused = await shop.gateway.call("search_host", asked)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused


@one_database
@pytest.mark.parametrize(
    ("object_id", "attribute", "expected"),
    [
        ("host", "bk_mem", ("int", "MB", False)),
        ("host", "bk_host_id", ("int", "", True)),
        ("host", "operator", ("objuser", "", False)),
        ("biz", "time_zone", ("timezone", "", False)),
        ("set", "bk_set_desc", ("longchar", "", False)),
        ("module", "bk_module_name", ("singlechar", "", False)),
        ("module", "create_time", ("time", "", True)),
    ],
)
async def test_attributes_tell_type_unit_and_what_callers_may_change(
    shop: Shop, object_id: str, attribute: str, expected: tuple[str, str, bool]
) -> None:
    told = await shop.gateway.data("search_object_attribute", {"bk_obj_id": object_id})
    (found,) = (each for each in told if each["bk_property_id"] == attribute)
    assert (found["bk_property_type"], found["unit"], found["isreadonly"]) == expected


@one_database
async def test_an_attribute_with_choices_lists_them(shop: Shop) -> None:
    told = await shop.gateway.data("search_object_attribute", {"bk_obj_id": "host"})
    (found,) = (each for each in told if each["bk_property_id"] == "bk_os_type")
    assert found["bk_property_type"] == "enum"
    assert [(choice["id"], choice["name"]) for choice in found["option"]] == [
        ("1", "Linux"), ("2", "Windows"), ("3", "AIX"),
    ]  # fmt: skip
