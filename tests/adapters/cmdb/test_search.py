from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database

PAGE = {"start": 0, "limit": 100}


async def _names(shop: Shop, rule: dict[str, Any]) -> list[str]:
    found = await shop.gateway.data(
        "list_biz_hosts",
        {
            "bk_biz_id": shop.business,
            "page": {**PAGE, "sort": "bk_host_id"},
            "host_property_filter": {"condition": "AND", "rules": [rule]},
        },
    )
    return [host["bk_host_name"] for host in found["info"]]


@one_database
@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("bk_host_name", "equal", "web-1", ["web-1"]),
        ("bk_host_name", "not_equal", "web-1", ["web-2", "Web-3", "50%_off"]),
        ("bk_os_type", "not_equal", "1", ["web-2", "Web-3"]),
        ("bk_os_type", "in", ["1", "2"], ["web-1", "web-2", "50%_off"]),
        ("bk_os_type", "not_in", ["1"], ["web-2", "Web-3"]),
        ("bk_mem", "less", 2048, ["web-1"]),
        ("bk_mem", "less_or_equal", 2048, ["web-1", "web-2"]),
        ("bk_mem", "greater", 2048, ["50%_off"]),
        ("bk_mem", "greater_or_equal", "2048", ["web-2", "50%_off"]),
        ("bk_mem", "between", [1024, 2048], ["web-1", "web-2"]),
        ("bk_mem", "not_between", [1024, 2048], ["Web-3", "50%_off"]),
        ("bk_host_name", "begins_with", "web", ["web-1", "web-2"]),
        ("bk_host_name", "not_begins_with", "web", ["Web-3", "50%_off"]),
        ("bk_host_name", "contains", "eb-", ["web-1", "web-2", "Web-3"]),
        ("bk_host_name", "contains", "%_", ["50%_off"]),
        ("bk_host_name", "not_contains", "eb-", ["50%_off"]),
        ("bk_host_name", "ends_with", "-2", ["web-2"]),
        ("bk_host_name", "not_ends_with", "-2", ["web-1", "Web-3", "50%_off"]),
        ("bk_host_name", "ends_with", "a-very-long-ending", []),
        ("operator", "is_empty", None, ["web-2", "Web-3", "50%_off"]),
        ("operator", "is_not_empty", None, ["web-1"]),
        ("bk_mem", "is_null", None, ["Web-3"]),
        ("bk_os_type", "is_not_null", None, ["web-1", "web-2", "50%_off"]),
        ("create_time", "greater", "2020-01-01T00:00:00Z", ["web-1", "web-2", "Web-3", "50%_off"]),
    ],
)
async def test_every_operator_of_a_property_filter_finds_what_it_says(
    shop: Shop, field: str, operator: str, value: Any, expected: list[str]
) -> None:
    assert await _names(shop, {"field": field, "operator": operator, "value": value}) == expected


async def test_rules_nest_one_level(shop: Shop) -> None:
    group = {
        "condition": "OR",
        "rules": [
            {"field": "bk_os_type", "operator": "equal", "value": "2"},
            {"field": "bk_mem", "operator": "greater", "value": 4000},
        ],
    }
    assert await _names(shop, group) == ["web-2", "50%_off"]


async def test_a_third_level_is_refused(shop: Shop) -> None:
    rule: dict[str, Any] = {"field": "bk_mem", "operator": "equal", "value": 1}
    for _ in range(2):
        rule = {"condition": "AND", "rules": [rule]}
    answer = await shop.gateway.call(
        "list_biz_hosts",
        {
            "bk_biz_id": shop.business,
            "page": PAGE,
            "host_property_filter": {"condition": "AND", "rules": [rule]},
        },
    )
    assert answer["result"] is False
    assert "host_property_filter" in answer["message"]


@one_database
@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"field": "bk_colour", "operator": "equal", "value": 1}, "host_property_filter.rules.0.field"),
        ({"field": "bk_mem", "operator": "like", "value": 1}, "host_property_filter.rules.0.operator"),
        ({"field": "bk_mem", "operator": "equal", "value": "much"}, "whole number"),
        ({"field": "bk_mem", "operator": "equal", "value": 2**40}, "at most"),
        ({"field": "bk_mem", "operator": "in", "value": []}, "at least one value"),
        ({"field": "bk_mem", "operator": "in", "value": 4}, "at least one value"),
        ({"field": "bk_mem", "operator": "between", "value": [1]}, "two values"),
        ({"field": "bk_mem", "operator": "begins_with", "value": "1"}, "no text"),
        ({"field": "bk_host_name", "operator": "less", "value": "a"}, "only numbers and times"),
        ({"field": "bk_host_name", "operator": "contains", "value": ""}, "at least one character"),
        ({"field": "bk_host_name", "operator": "equal", "value": {"a": 1}}, "compared with a text"),
        ({"field": "bk_host_name", "operator": "equal", "value": "\x00"}, "NUL"),
        ({"field": "create_time", "operator": "less", "value": "yesterday"}, "a time such as"),
    ],
)
async def test_a_wrong_rule_is_named(shop: Shop, rule: dict[str, Any], named: str) -> None:
    answer = await shop.gateway.call(
        "list_biz_hosts",
        {"bk_biz_id": shop.business, "page": PAGE, "host_property_filter": {"condition": "AND", "rules": [rule]}},
    )
    assert (answer["result"], answer["data"]) == (False, None)
    assert named in answer["message"]


@one_database
@pytest.mark.parametrize(
    ("component", "page", "named"),
    [
        ("list_biz_hosts", {"start": 0, "limit": 501}, "page.limit: 501 is more than 500"),
        ("search_set", {"start": 0, "limit": 201}, "page.limit: 201 is more than 200"),
        ("list_biz_hosts", {"start": -1, "limit": 1}, "page.start"),
        ("list_biz_hosts", {"start": 0, "limit": 0}, "page.limit"),
        ("list_biz_hosts", {"limit": 1, "sort": "bk_colour"}, "page.sort"),
    ],
)
async def test_page_bounds_are_kept(shop: Shop, component: str, page: dict[str, Any], named: str) -> None:
    answer = await shop.gateway.call(component, {"bk_biz_id": shop.business, "page": page})
    assert answer["result"] is False
    assert named in answer["message"]


async def test_pages_count_everything_and_sort_either_way(shop: Shop) -> None:
    asked = {"bk_biz_id": shop.business, "page": {"start": 1, "limit": 2, "sort": "-bk_mem"}, "fields": ["bk_mem"]}
    found = await shop.gateway.data("list_biz_hosts", asked)
    assert found == {"count": 4, "info": [{"bk_mem": 2048}, {"bk_mem": 1024}]}


async def test_businesses_are_found_by_condition_and_by_filter(shop: Shop) -> None:
    await shop.gateway.data("create_business", {"data": {"bk_biz_name": "bank"}})
    by_name = await shop.gateway.data("search_business", {"condition": {"bk_biz_name": "shop"}})
    assert [one["bk_biz_id"] for one in by_name["info"]] == [shop.business]
    listed = await shop.gateway.data("search_business", {"condition": {"bk_biz_name": {"$in": ["bank", "none"]}}})
    assert [one["bk_biz_name"] for one in listed["info"]] == ["bank"]
    rules = [{"field": "operator", "operator": "equal", "value": "ada"}]
    filtered = await shop.gateway.data(
        "search_business", {"biz_property_filter": {"condition": "AND", "rules": rules}, "fields": ["bk_biz_name"]}
    )
    assert filtered == {"count": 1, "info": [{"bk_biz_name": "shop"}]}


async def test_get_and_post_answer_alike_and_get_takes_text(shop: Shop) -> None:
    asked = {"bk_biz_id": shop.business, "page": {"start": 0, "limit": 2}}
    posted = await shop.gateway.data("list_biz_hosts", asked)
    query = {"bk_biz_id": str(shop.business), "page": '{"start": "0", "limit": "2"}', "bk_app_code": "x"}
    assert (await shop.gateway.get("list_biz_hosts", query))["data"] == posted
    narrowed = await shop.gateway.get("list_biz_hosts", {**query, "fields": "bk_host_id", "bk_set_ids": "1,2"})
    assert set(narrowed) == {"result", "code", "message", "data", "permission"}
    repeated = await shop.gateway.get("list_biz_hosts", {**query, "fields": ["bk_host_id", "bk_mem"]})
    assert set(repeated["data"]["info"][0]) == {"bk_host_id", "bk_mem"}


async def test_the_tree_has_sets_and_normal_modules_to_the_asked_level(shop: Shop) -> None:
    (whole,) = (await shop.gateway.get("search_biz_inst_topo", {"bk_biz_id": shop.business, "level": -1}))["data"]
    assert (whole["bk_obj_id"], whole["bk_inst_name"]) == ("biz", "shop")
    (east,) = whole["child"]
    assert [module["bk_inst_name"] for module in east["child"]] == ["web", "database"]
    (alone,) = await shop.gateway.data("search_biz_inst_topo", {"bk_biz_id": shop.business, "level": 0})
    assert alone["child"] == []


async def test_a_business_has_idle_fault_and_recycle_modules(shop: Shop) -> None:
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]
    assert [(module["bk_module_name"], module["default"]) for module in internal["module"]] == [
        ("idle", 1),
        ("fault", 2),
        ("recycle", 3),
    ]


async def test_what_does_not_exist_is_named(shop: Shop) -> None:
    for component in ("search_set", "search_module", "get_biz_internal_module", "search_biz_inst_topo"):
        answer = await shop.gateway.call(component, {"bk_biz_id": 999})
        assert (answer["result"], answer["message"]) == (False, "There is no business 999")
    answer = await shop.gateway.call("list_biz_hosts", {"bk_biz_id": 999, "page": PAGE})
    assert answer["message"] == "There is no business 999"
