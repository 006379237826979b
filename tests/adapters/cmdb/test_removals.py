from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop


async def _refused(shop: Shop, component: str, asked: dict[str, Any]) -> str:
    answer = await shop.gateway.call(component, asked)
    assert answer["result"] is False, answer
    return str(answer["message"])


async def _modules(shop: Shop) -> set[int]:
    found = await shop.gateway.data("search_module", {"bk_biz_id": shop.business})
    return {module["bk_module_id"] for module in found["info"] if module["default"] == 0}


async def _stand_in(shop: Shop, host: int, module: int) -> None:
    asked = {"bk_biz_id": shop.business, "bk_host_id": [host], "bk_module_id": [module], "is_increment": False}
    await shop.gateway.data("transfer_host_module", asked)


async def test_a_module_goes_once_no_host_stands_in_it(shop: Shop) -> None:
    await _stand_in(shop, shop.hosts[0], shop.web)
    place = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id, "bk_module_id": shop.web}
    assert f"host {shop.hosts[0]} among them" in await _refused(shop, "delete_module", place)
    await _stand_in(shop, shop.hosts[0], shop.database)
    assert await shop.gateway.data("delete_module", place) == {}
    assert await _modules(shop) == {shop.database}
    assert "has no module" in await _refused(shop, "delete_module", place)


async def test_a_set_goes_with_its_modules_once_no_host_stands_in_it(shop: Shop) -> None:
    await _stand_in(shop, shop.hosts[0], shop.web)
    place = {"bk_biz_id": shop.business, "bk_set_id": shop.set_id}
    assert "move them first" in await _refused(shop, "delete_set", place)
    await shop.gateway.data("transfer_host_to_idlemodule", {"bk_biz_id": shop.business, "bk_host_id": shop.hosts[:1]})
    assert await shop.gateway.data("delete_set", place) == {}
    assert await _modules(shop) == set()
    told = await shop.gateway.data("list_operation_audit", {"condition": {"action": ["delete"]}})
    assert sorted(each["resource_type"] for each in told["info"]) == ["module", "module", "set"]


@pytest.mark.parametrize("component", ["delete_set", "delete_module"])
async def test_the_internal_set_and_its_modules_stay(shop: Shop, component: str) -> None:
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]
    place = {
        "bk_biz_id": shop.business,
        "bk_set_id": internal["bk_set_id"],
        "bk_module_id": internal["module"][0]["bk_module_id"],
    }
    assert "stay" in await _refused(shop, component, place)


async def test_only_hosts_of_the_pool_are_deleted_all_or_none(shop: Shop) -> None:
    both = f"{shop.pool},{shop.hosts[0]}"
    assert f"in a business: host {shop.hosts[0]}" in await _refused(shop, "delete_host", {"bk_host_id": both})
    page = {"page": {"start": 0, "limit": 10}}
    assert (await shop.gateway.data("list_resource_pool_hosts", page))["count"] == 1
    assert await shop.gateway.data("delete_host", {"bk_host_id": shop.pool}) == {}
    assert (await shop.gateway.data("list_resource_pool_hosts", page))["count"] == 0
    assert "There is no host" in await _refused(shop, "delete_host", {"bk_host_id": shop.pool})
