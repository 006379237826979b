"""Attributes that refer to instances of other objects."""

import base64
from typing import Any

import pytest

from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database

PAGE = {"start": 0, "limit": 100}


async def _made(shop: Shop, object_id: str, name: str, kind: str, referred: str) -> int:
    attribute = {
        "bk_obj_id": object_id, "bk_property_id": name, "bk_property_name": name, "bk_property_type": kind,
        "bk_asst_obj_id": referred,
    }  # fmt: skip
    return int((await shop.gateway.data("create_object_attribute", attribute))["id"])


async def _set(shop: Shop, host: int, **values: Any) -> dict[str, Any]:
    return await shop.gateway.call("update_host", {"bk_host_id": host, "data": values})


async def _found(shop: Shop, operator: str, value: Any, field: str = "backups") -> list[int]:
    rules = [{"field": field, "operator": operator, "value": value}]
    asked = {"bk_biz_id": shop.business, "page": {**PAGE, "sort": "bk_host_id"}}
    wanted = {**asked, "host_property_filter": {"condition": "AND", "rules": rules}}
    return [host["bk_host_id"] for host in (await shop.gateway.data("list_biz_hosts", wanted))["info"]]


async def test_several_instances_are_kept_told_and_found(shop: Shop) -> None:
    one, two, three, four = shop.hosts
    await _made(shop, "host", "backups", "multiasst", "host")
    assert (await _set(shop, one, backups=[two, three, two]))["result"] is True
    assert (await _set(shop, two, backups=[four]))["result"] is True
    assert (await _set(shop, three, backups=[]))["result"] is True
    told = await shop.gateway.data("get_host_base_info", {"bk_host_id": one})
    assert next(each["bk_property_value"] for each in told if each["bk_property_id"] == "backups") == [two, three]
    assert await _found(shop, "contains", three) == await _found(shop, "equal", two) == [one]
    assert await _found(shop, "in", [three, four]) == [one, two]
    assert await _found(shop, "not_in", [three]) == await _found(shop, "not_contains", three) == [two, three, four]
    assert await _found(shop, "is_empty", None) == [three, four]
    assert await _found(shop, "contains", three * 10 + 1) == []
    told = await shop.gateway.data("search_object_attribute", {"bk_obj_id": "host"})
    assert (told[-1]["bk_property_type"], told[-1]["bk_asst_obj_id"], told[-1]["option"]) == ("multiasst", "host", None)


async def test_one_instance_is_a_number_to_filters(shop: Shop) -> None:
    await _made(shop, "host", "owner_set", "singleasst", "set")
    assert (await _set(shop, shop.hosts[0], owner_set=shop.set_id))["result"] is True
    assert await _found(shop, "equal", shop.set_id, "owner_set") == [shop.hosts[0]]
    assert await _found(shop, "is_null", None, "owner_set") == shop.hosts[1:]


@one_database
@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("multiasst", [987], "data.given: there is no host 987"),
        ("multiasst", 1, "data.given: takes a list"),
        ("multiasst", ["1"], "data.given: takes the id"),
        ("singleasst", 987, "data.given: there is no host 987"),
        ("singleasst", [1], "data.given: takes the id"),
        ("singleasst", True, "data.given: takes the id"),
    ],
)
async def test_only_ids_of_what_is_there_are_taken(shop: Shop, kind: str, value: Any, reason: str) -> None:
    await _made(shop, "host", "given", kind, "host")
    refused = await _set(shop, shop.hosts[0], given=value)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused


@one_database
@pytest.mark.parametrize(("kind", "referred"), [("singleasst", ""), ("multiasst", ""), ("int", "host")])
async def test_references_and_nothing_else_name_an_object(shop: Shop, kind: str, referred: str) -> None:
    attribute = {
        "bk_obj_id": "host", "bk_property_id": "x", "bk_property_name": "x", "bk_property_type": kind,
        "bk_asst_obj_id": referred,
    }  # fmt: skip
    assert "bk_asst_obj_id" in (await shop.gateway.call("create_object_attribute", attribute))["message"]


async def test_what_is_referred_to_stays(shop: Shop) -> None:
    call, place = shop.gateway.call, {"bk_biz_id": shop.business, "bk_set_id": shop.set_id}
    empty = (await shop.gateway.data("create_module", {**place, "data": {"bk_module_name": "spare"}}))["bk_module_id"]
    area = (await shop.gateway.data("create_cloud_area", {"bk_cloud_name": "far"}))["created"]["id"]
    one, two = (
        await shop.gateway.data(
            "add_host_to_resource", {"host_info": {str(n): {"bk_host_innerip": f"10.7.0.{n}"} for n in (1, 2)}}
        )
    )["bk_host_ids"]
    for name, kind, referred, value in (
        ("spare", "singleasst", "module", empty),
        ("areas", "multiasst", "plat", [0, area]),
        ("peers", "multiasst", "host", [one]),
    ):
        await _made(shop, "host", name, kind, referred)
        assert (await _set(shop, two, **{name: value}))["result"] is True
    for component, asked, name in (
        ("delete_module", {**place, "bk_module_id": empty}, "spare"),
        ("delete_cloud_area", {"bk_cloud_id": area}, "areas"),
        ("delete_host", {"bk_host_id": [one]}, "peers"),
    ):
        assert f"host {two} refers to it by {name}" in (await call(component, asked))["message"]
    assert (await call("delete_host", {"bk_host_id": [one, two]}))["result"] is True
    assert (await call("delete_module", {**place, "bk_module_id": empty}))["result"] is True
    assert (await call("delete_cloud_area", {"bk_cloud_id": area}))["result"] is True


@one_database
async def test_files_bring_references_and_take_them_out(shop: Shop) -> None:

    await _made(shop, "host", "backups", "multiasst", "host")
    one, two = shop.hosts[:2]
    text = f"ip,backups\n10.8.0.1,{one};{two}\n10.8.0.2,987\n"
    asked = {"bk_biz_id": shop.business, "content": base64.b64encode(text.encode()).decode(), "file_name": "h.csv"}
    preview = await shop.gateway.data("preview_host_import", asked)
    assert [(each["row"], each["problem"]) for each in preview["refused"]] == [(3, "there is no instance 987")]
    await shop.gateway.data("import_hosts", {**asked, "skip_refused": True})
    assert len(await _found(shop, "in", [one, two])) == 1
    made = await shop.gateway.data("export_hosts", {"bk_biz_id": shop.business, "format": "csv", "fields": ["backups"]})
    assert f"{one};{two}" in base64.b64decode(made["content"]).decode("utf-8-sig")
