from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database


def _place(shop: Shop) -> dict[str, Any]:
    return {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "bk_module_id": shop.web}


async def test_only_the_fields_that_are_sent_change(shop: Shop) -> None:
    await shop.gateway.data("update_business", {**_place(shop), "data": {"bk_biz_tester": "tom"}})
    await shop.gateway.data("update_set", {**_place(shop), "data": {"bk_set_env": "1"}})
    await shop.gateway.data("update_module", {**_place(shop), "data": {"bk_module_name": "front"}})
    (business,) = (await shop.gateway.data("search_business", {}))["info"]
    assert (business["bk_biz_name"], business["operator"], business["bk_biz_tester"]) == ("shop", "ada", "tom")
    wanted = {"bk_biz_id": shop.business, "condition": {"bk_set_id": shop.set_id}}
    (found,) = (await shop.gateway.data("search_set", wanted))["info"]
    assert (found["bk_set_name"], found["bk_set_env"]) == ("east", "1")
    wanted = {"bk_biz_id": shop.business, "condition": {"bk_module_name": "front"}}
    assert (await shop.gateway.data("search_module", wanted))["info"][0]["bk_module_id"] == shop.web


@pytest.mark.parametrize(
    ("component", "data", "reason"),
    [
        ("update_set", {"bk_set_name": "idle pool"}, "is taken in this business"),
        ("update_module", {"bk_module_name": "database"}, "is taken in this set"),
        ("update_module", {"bk_module_name": ""}, "bk_module_name"),
        ("update_business", {}, "names no field to change"),
        ("update_business", {"bk_biz_name": "s" * 257}, "bk_biz_name"),
    ],
)
async def test_a_change_that_cannot_be_leaves_all_as_it_was(
    shop: Shop, component: str, data: dict[str, Any], reason: str
) -> None:
    refused = await shop.gateway.call(component, {**_place(shop), "data": data})
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
    names = {
        module["bk_module_name"]
        for module in (await shop.gateway.data("search_module", {"bk_biz_id": shop.business}))["info"]
    }
    assert names == {"web", "database", "idle", "fault", "recycle"}


@one_database
async def test_what_belongs_to_another_business_is_not_found(shop: Shop) -> None:
    other = await shop.gateway.data("create_business", {"data": {"bk_biz_name": "bank"}})
    for component in ("update_set", "update_module", "delete_set", "delete_module"):
        asked = {**_place(shop), "bk_biz_id": other["bk_biz_id"], "data": {"bk_set_name": "x", "bk_module_name": "x"}}
        assert "has no" in (await shop.gateway.call(component, asked))["message"], component
