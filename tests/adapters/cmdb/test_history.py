from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database


async def _history(shop: Shop, **condition: Any) -> list[dict[str, Any]]:
    found = await shop.gateway.data("list_operation_audit", {"condition": condition})
    assert found["count"] == len(found["info"])
    return list(found["info"])


async def test_every_change_of_a_host_is_told_with_what_it_was_before(shop: Shop) -> None:
    host = shop.hosts[0]
    await shop.gateway.data("update_host", {"bk_host_id": host, "data": {"bk_mem": 2048}})
    moved = {"bk_biz_id": shop.business, "bk_host_id": [host], "bk_module_id": [shop.web], "is_increment": False}
    await shop.gateway.data("transfer_host_module", moved)
    told = await _history(shop, resource_type="host", resource_id=host)
    assert sorted(each["action"] for each in told) == ["create", "transfer_host_module", "update"]
    (update,) = (each for each in told if each["action"] == "update")
    assert update["operation_detail"]["details"] == {"pre_data": {"bk_mem": 1024}, "cur_data": {"bk_mem": 2048}}
    assert (update["user"], update["app_code"]) == ("ada", "demo-app")


async def test_the_history_is_narrowed_and_paged(shop: Shop) -> None:
    assert {each["resource_type"] for each in await _history(shop)} == {"business", "set", "module", "host"}
    assert {each["action"] for each in await _history(shop, action=["create"])} == {"create"}
    assert await _history(shop, action=["delete"]) == []
    assert await _history(shop, user="nobody") == []
    assert await _history(shop, operation_time={"end": "2020-01-01 00:00:00"}) == []
    assert len(await _history(shop, operation_time={"start": "2020-01-01T00:00:00Z"})) == len(await _history(shop))
    first = await shop.gateway.data("list_operation_audit", {"page": {"start": 0, "limit": 3}})
    rest = await shop.gateway.data("list_operation_audit", {"page": {"start": 3, "limit": 200}})
    seen = [each["id"] for each in (*first["info"], *rest["info"])]
    assert (len(first["info"]), len(seen), len(set(seen))) == (3, first["count"], first["count"])


@one_database
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"page": {"limit": 201}}, "page.limit"),
        ({"page": {"sort": "user"}}, "page.sort"),
        ({"condition": {"resource_type": "cloud"}}, "resource_type"),
        ({"condition": {"operation_time": {"start": "soon"}}}, "operation_time.start"),
    ],
)
async def test_a_wrong_question_is_refused_by_name(shop: Shop, asked: dict[str, Any], reason: str) -> None:
    refused = await shop.gateway.call("list_operation_audit", asked)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
