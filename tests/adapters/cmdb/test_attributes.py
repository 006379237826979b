"""Custom attributes: given to an object, filled, filtered by, and taken away."""

from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database

PAGE = {"start": 0, "limit": 100}
RACK = {"bk_obj_id": "host", "bk_property_id": "rack", "bk_property_name": "Rack", "bk_property_type": "singlechar"}
STATE = {
    "bk_obj_id": "host",
    "bk_property_id": "state",
    "bk_property_name": "State",
    "bk_property_type": "enum",
    "option": [{"id": "1", "name": "New"}, {"id": "2", "name": "Used"}],
}


def _attribute(kind: str, **more: Any) -> dict[str, Any]:
    return {**RACK, "bk_property_id": "given", "bk_property_type": kind, **more}


async def _made(gateway: Gateway, attribute: dict[str, Any]) -> int:
    number: int = (await gateway.data("create_object_attribute", attribute))["id"]
    return number


async def _hosts(shop: Shop, *rules: dict[str, Any], sort: str = "bk_host_id") -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"bk_biz_id": shop.business, "page": {**PAGE, "sort": sort}}
    if rules:
        asked["host_property_filter"] = {"condition": "AND", "rules": list(rules)}
    return list((await shop.gateway.data("list_biz_hosts", asked))["info"])


async def _set(shop: Shop, host: int, **values: Any) -> dict[str, Any]:
    return await shop.gateway.call("update_host", {"bk_host_id": host, "data": values})


async def test_values_are_kept_shown_filtered_sorted_and_told_in_the_history(shop: Shop) -> None:
    await _made(shop.gateway, RACK)
    assert (await _set(shop, shop.hosts[0], rack="B7"))["result"] is True
    assert (await _set(shop, shop.hosts[1], rack="A3", bk_mem=1))["result"] is True
    assert [host["rack"] for host in await _hosts(shop)] == ["B7", "A3", None, None]
    (found,) = await _hosts(shop, {"field": "rack", "operator": "begins_with", "value": "B"})
    assert found["bk_host_id"] == shop.hosts[0]
    assert [host["rack"] for host in await _hosts(shop, sort="-rack")][:2] == ["B7", "A3"]
    told = await shop.gateway.data("list_operation_audit", {"condition": {"resource_id": shop.hosts[0]}})
    details = [each["operation_detail"]["details"] for each in told["info"] if each["action"] == "update"]
    assert details == [{"pre_data": {"rack": None}, "cur_data": {"rack": "B7"}}]


@one_database
@pytest.mark.parametrize(
    ("attribute", "good", "wrong", "rule"),
    [
        (_attribute("int", option={"min": 1, "max": 9}), 5, 10, {"operator": "greater", "value": 4}),
        (_attribute("bool"), True, "yes", {"operator": "equal", "value": True}),
        (_attribute("date"), "2026-01-31", "31.1.2026", {"operator": "less", "value": "2026-02-01"}),
        (
            _attribute("time"), "2026-01-31T08:00:00+08:00", "noon",
            {"operator": "between", "value": ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"]},
        ),
        (_attribute("timezone"), "Asia/Shanghai", "Moon/Sea", {"operator": "ends_with", "value": "Shanghai"}),
        (_attribute("objuser"), "ann,bob", 7, {"operator": "contains", "value": "bob"}),
        (_attribute("longchar"), "x" * 2000, "x" * 2001, {"operator": "is_not_empty", "value": None}),
        ({**STATE, "bk_property_id": "given"}, "2", "3", {"operator": "in", "value": ["2"]}),
    ],
)  # fmt: skip
async def test_every_type_takes_its_values_and_no_others(
    shop: Shop, attribute: dict[str, Any], good: Any, wrong: Any, rule: dict[str, Any]
) -> None:
    await _made(shop.gateway, attribute)
    refused = await _set(shop, shop.hosts[0], given=wrong)
    assert (refused["result"], "data.given: takes" in refused["message"]) == (False, True), refused
    assert (await _set(shop, shop.hosts[0], given=good))["result"] is True
    (found,) = await _hosts(shop, {"field": "given", **rule})
    assert found["bk_host_id"] == shop.hosts[0]
    negative = {"greater": "less_or_equal", "is_not_empty": "is_empty", "less": "greater_or_equal"}
    if (other := negative.get(rule["operator"])) is not None:
        assert shop.hosts[0] not in {
            host["bk_host_id"] for host in await _hosts(shop, {"field": "given", **rule, "operator": other})
        }


async def test_a_required_attribute_is_asked_of_what_is_new_and_stays(shop: Shop) -> None:
    await _made(shop.gateway, {**RACK, "isrequired": True})
    host = {"bk_host_innerip": "10.0.0.9"}
    asked = {"bk_biz_id": shop.business, "bk_host_list": [host]}
    assert "rack: is required" in (await shop.gateway.call("add_host_to_business_idle", asked))["message"]
    asked["bk_host_list"] = [{**host, "rack": "A1"}]
    (added,) = (await shop.gateway.data("add_host_to_business_idle", asked))["bk_host_ids"]
    assert "data.rack: is required" in (await _set(shop, added, rack=None))["message"]
    assert (await _set(shop, added, bk_mem=5))["result"] is True


@pytest.mark.parametrize("object_id", ["biz", "set", "module"])
async def test_businesses_sets_and_modules_have_attributes_too(shop: Shop, object_id: str) -> None:
    await _made(shop.gateway, {**RACK, "bk_obj_id": object_id, "bk_property_id": "level"})
    place = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "bk_module_id": shop.web}
    component = {"biz": "business"}.get(object_id, object_id)
    assert await shop.gateway.data(f"update_{component}", {**place, "data": {"level": "gold"}}) == {}
    asked = {"bk_biz_id": shop.business, "condition": {"level": "gold"}, "page": PAGE}
    (found,) = (await shop.gateway.data(f"search_{component}", asked))["info"]
    assert found["level"] == "gold"


async def test_a_deleted_attribute_takes_its_values_along(shop: Shop) -> None:
    number = await _made(shop.gateway, RACK)
    await _set(shop, shop.hosts[0], rack="B7")
    assert await shop.gateway.data("delete_object_attribute", {"id": number}) == {}
    assert "rack" not in (await _hosts(shop))[0]
    again = await _made(shop.gateway, {**RACK, "bk_property_type": "int"})
    assert again != number
    assert (await _hosts(shop))[0]["rack"] is None


async def test_what_may_change_of_an_attribute_changes(shop: Shop) -> None:
    number = await _made(shop.gateway, RACK)
    changed = {"id": number, "bk_property_name": "Rack number", "unit": "no.", "bk_property_type": "int"}
    assert await shop.gateway.data("update_object_attribute", changed) == {}
    told = await shop.gateway.data("search_object_attribute", {"bk_obj_id": "host"})
    found = told[-1]
    assert (found["id"], found["ispre"]) == (number, False)
    assert (found["bk_property_name"], found["unit"], found["bk_property_type"]) == ("Rack number", "no.", "singlechar")


@one_database
@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ({**RACK, "bk_property_id": "bk_mem"}, "has bk_mem already"),
        ({**RACK, "bk_property_id": "custom"}, "has custom already"),
        ({**RACK, "bk_property_id": "Rack 1"}, "bk_property_id"),
        ({**RACK, "bk_obj_id": "switch"}, "bk_obj_id"),
        ({**RACK, "bk_property_type": "picture"}, "bk_property_type"),
        ({**RACK, "bk_property_type": "enum"}, "list of choices"),
        ({**STATE, "option": [{"id": "1", "name": "a"}, {"id": "1", "name": "b"}]}, "same id"),
        (_attribute("int", option={"min": 9, "max": 1}), "min not above max"),
    ],
)
async def test_an_attribute_that_cannot_be_is_refused(gateway: Gateway, attribute: dict[str, Any], reason: str) -> None:
    refused = await gateway.call("create_object_attribute", attribute)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
    assert all(each["ispre"] for each in await gateway.data("search_object_attribute", {"bk_obj_id": "host"}))


async def test_an_objects_attribute_is_given_once(gateway: Gateway) -> None:
    await _made(gateway, RACK)
    assert "already" in (await gateway.call("create_object_attribute", RACK))["message"]
    await _made(gateway, {**RACK, "bk_obj_id": "set"})
