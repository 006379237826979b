"""Hosts from files: looked at, applied whole or not at all, and exported again."""

import base64
import json
from typing import Any

import pytest

from adapters.cmdb.service.imports.sheets.comma_separated import read_csv
from adapters.cmdb.service.imports.sheets.workbook import read_workbook, write_workbook
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.kinds import one_database

PAGE = {"start": 0, "limit": 50}


def asked(shop: Shop, text: str | bytes, **more: Any) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    encoded = base64.b64encode(content).decode()
    return {"bk_biz_id": shop.business, "file_name": "hosts.csv", "content": encoded, **more}


async def _hosts(shop: Shop) -> dict[str, dict[str, Any]]:
    listed = await shop.gateway.data("list_biz_hosts", {"bk_biz_id": shop.business, "page": PAGE})
    return {each["bk_host_innerip"]: each for each in listed["info"]}


async def _places(shop: Shop, host: int) -> list[int]:
    relations = await shop.gateway.data("find_host_biz_relations", {"bk_host_id": [host]})
    return [each["bk_module_id"] for each in relations]


FILE = """Inner address,主机名,CPU,rack,place,notes
10.0.0.1,web-1,8,R1,east/web,seen
10.0.0.2,web-2,,,,
10.1.0.1,new-1,4.0,R2,east/web; east/database,x
10.9.9.9,from-pool,,,fault,
"""


@pytest.fixture
async def racked(shop: Shop) -> Shop:
    """The shop with a custom attribute `rack`."""
    rack = {"bk_obj_id": "host", "bk_property_id": "rack", "bk_property_name": "Rack", "bk_property_type": "singlechar"}
    await shop.gateway.data("create_object_attribute", rack)
    return shop


async def test_a_preview_tells_what_would_happen_and_does_nothing(racked: Shop) -> None:
    before = await _hosts(racked)
    preview = await racked.gateway.data("preview_host_import", asked(racked, FILE))
    assert preview["counts"] == {"created": 1, "changed": 2, "same": 1, "refused": 0}
    assert preview["ignored_columns"] == ["notes"]
    first, new, pool = preview["hosts"]
    assert {each["field"]: (each["before"], each["after"]) for each in first["changes"]} == {
        "bk_cpu": (None, 8),
        "rack": (None, "R1"),
    }
    assert (first["place"], new["action"], new["place"]) == (["east/web"], "create", ["east/web", "east/database"])
    assert (pool["bk_host_id"], pool["place"]) == (racked.pool, ["fault"])
    assert await _hosts(racked) == before


async def test_an_import_makes_changes_and_moves_hosts_and_tells_where_they_came_from(racked: Shop) -> None:
    preview = await racked.gateway.data("preview_host_import", asked(racked, FILE))
    done = await racked.gateway.data("import_hosts", asked(racked, FILE, expected=preview["digest"]), key="run:1")
    assert done["counts"] == preview["counts"]
    hosts = await _hosts(racked)
    assert (hosts["10.0.0.1"]["bk_cpu"], hosts["10.0.0.1"]["rack"], hosts["10.0.0.1"]["bk_mem"]) == (8, "R1", 1024)
    assert (hosts["10.1.0.1"]["bk_host_name"], hosts["10.1.0.1"]["import_from"]) == ("new-1", "1")
    assert await _places(racked, racked.hosts[0]) == [racked.web]
    assert await _places(racked, hosts["10.1.0.1"]["bk_host_id"]) == [racked.web, racked.database]
    internal = (await racked.gateway.get("get_biz_internal_module", {"bk_biz_id": racked.business}))["data"]["module"]
    assert await _places(racked, racked.pool) == [internal[1]["bk_module_id"]]
    again = await racked.gateway.data("import_hosts", asked(racked, FILE))
    assert again["counts"] == {"created": 0, "changed": 0, "same": 4, "refused": 0}
    (origin,) = await racked.gateway.data("list_host_origins", {"bk_host_ids": [racked.hosts[0]]})
    assert (origin["source_id"], origin["source_name"]) == ("", "hosts.csv")
    runs = (await racked.gateway.get("list_import_runs", {"limit": 1}))["data"]
    assert (runs["count"], runs["info"][0]["id"], runs["info"][0]["started_by"]) == (2, again["run_id"], "ada")
    told = await racked.gateway.data("list_operation_audit", {"condition": {"resource_id": racked.hosts[0]}})
    assert [each["action"] for each in told["info"][:2]] == ["transfer_host_module", "update"]
    watched = {"bk_resource": "host", "bk_cursor": "0", "wait_seconds": 0, "bk_event_types": ["update"]}
    events = (await racked.gateway.data("resource_watch", watched))["bk_events"]
    assert [each["bk_detail"]["bk_host_id"] for each in events] == [racked.hosts[0], racked.pool]


WRONG = """bk_host_innerip,bk_cpu,bk_os_type,place,bk_cloud_id
10.2.0.1,four,Linux,,
10.2.0.2,4,Plan9,,
,4,linux,,
nonsense!,4,,,
10.2.0.3,4,,north/web,
10.2.0.4,4,,east/web; idle,
10.2.0.5,4,,,77
10.2.0.6,4,,,
10.2.0.6,4,,,
"""


async def test_wrong_rows_are_named_with_field_and_remedy_and_stop_everything(shop: Shop) -> None:
    preview = await shop.gateway.data("preview_host_import", asked(shop, WRONG))
    refused = {each["row"]: (each["field"], each["problem"]) for each in preview["refused"]}
    assert preview["counts"] == {"created": 1, "changed": 0, "same": 0, "refused": 8}
    assert refused == {
        2: ("bk_cpu", "four does not fit"),
        3: ("bk_os_type", "Plan9 does not fit"),
        4: ("bk_host_innerip", "is empty"),
        5: ("bk_host_innerip", "nonsense! does not fit"),
        6: ("place", "there is no north/web"),
        7: ("place", "idle, fault and recycle stand alone"),
        8: ("bk_cloud_id", "there is no cloud area 77"),
        10: ("bk_host_innerip", "is that of row 9 too"),
    }
    remedies = {each["row"]: each["remedy"] for each in preview["refused"]}
    assert remedies[5] == "write an IPv4 or IPv6 address, like 10.0.0.1"
    assert all(remedies.values())


async def test_a_file_that_is_called_a_workbook_and_is_none_says_so(shop: Shop) -> None:
    older = asked(shop, b"\xd0\xcf\x11\xe0\x00\x00") | {"file_name": "hosts.XLSX"}
    assert "content: is no workbook" in (await shop.gateway.call("preview_host_import", older))["message"]
    text = asked(shop, "ip\n10.9.0.1\n") | {"file_name": "hosts.xlsx"}
    assert (await shop.gateway.data("preview_host_import", text))["counts"]["created"] == 1
    stopped = await shop.gateway.call("import_hosts", asked(shop, WRONG))
    assert (stopped["result"], len(stopped["data"]["refused"])) == (False, 8)
    assert "nothing was imported" in stopped["message"]
    assert len(await _hosts(shop)) == 4
    done = await shop.gateway.data("import_hosts", asked(shop, WRONG, skip_refused=True))
    assert (done["counts"]["created"], len(await _hosts(shop))) == (1, 5)


async def test_a_host_of_another_business_is_left_alone(shop: Shop) -> None:
    other = (await shop.gateway.data("create_business", {"data": {"bk_biz_name": "bank"}}))["bk_biz_id"]
    taken = asked(shop, "ip,cpu\n10.0.0.1,4\n", bk_biz_id=other)
    preview = await shop.gateway.data("preview_host_import", taken)
    assert preview["refused"][0]["problem"] == f"is host {shop.hosts[0]} of business {shop.business}"
    into_the_pool = asked(shop, "ip,cpu\n10.0.0.1,4\n", bk_biz_id=0)
    assert (await shop.gateway.data("import_hosts", into_the_pool))["counts"]["changed"] == 1
    assert (await _hosts(shop))["10.0.0.1"]["bk_cpu"] == 4


@one_database
async def test_an_inventory_that_changed_since_the_preview_stops_the_import(shop: Shop) -> None:
    text = "ip,cpu\n10.0.0.1,4\n"
    preview = await shop.gateway.data("preview_host_import", asked(shop, text))
    await shop.gateway.data("update_host", {"bk_host_id": shop.hosts[0], "data": {"bk_cpu": 2}})
    stopped = await shop.gateway.call("import_hosts", asked(shop, text, expected=preview["digest"]))
    assert "changed since the preview" in stopped["message"]


@one_database
async def test_columns_are_named_by_hand_where_their_names_say_nothing(shop: Shop) -> None:
    text = "machine,ip\nh1,10.3.0.1\n"
    preview = await shop.gateway.data("preview_host_import", asked(shop, text, columns={"machine": "bk_host_name"}))
    assert preview["hosts"][0]["action"] == "create"
    for columns, reason in (({"machine": "bk_nothing"}, "a host has no bk_nothing"), ({"ip": ""}, "columns: none of")):
        refused = await shop.gateway.call("preview_host_import", asked(shop, text, columns=columns))
        assert reason in refused["message"]


@one_database
async def test_a_workbook_is_imported_with_its_types(shop: Shop) -> None:
    book = write_workbook(["ip", "cpu", "serial"], iter([["10.4.0.1", 16, 1234567], ["10.4.0.2", 8.0, "=x"]]))
    assert (await shop.gateway.data("import_hosts", asked(shop, book)))["counts"]["created"] == 2
    hosts = await _hosts(shop)
    assert (hosts["10.4.0.1"]["bk_cpu"], hosts["10.4.0.1"]["bk_sn"]) == (16, "1234567")
    assert (hosts["10.4.0.2"]["bk_cpu"], hosts["10.4.0.2"]["bk_sn"]) == (8, "=x")


async def test_what_is_exported_can_be_imported_without_a_change(racked: Shop) -> None:
    await racked.gateway.data("import_hosts", asked(racked, FILE))
    await racked.gateway.data("update_host", {"bk_host_id": racked.pool, "data": {"bk_comment": "=HYPERLINK(1)"}})
    for kind, read in (("csv", read_csv), ("xlsx", read_workbook)):
        made = await racked.gateway.data("export_hosts", {"bk_biz_id": racked.business, "format": kind})
        content = base64.b64decode(made["content"])
        assert (made["count"], len(read(content).rows)) == (6, 6)
        preview = await racked.gateway.data("preview_host_import", asked(racked, content))
        assert preview["counts"] == {"created": 0, "changed": 0, "same": 6, "refused": 0}, preview


@one_database
async def test_an_export_is_narrowed_and_also_json(shop: Shop) -> None:
    rule = {"field": "bk_mem", "operator": "greater", "value": 1024}
    narrowed = {"host_property_filter": {"condition": "AND", "rules": [rule]}, "fields": ["bk_host_name", "place"]}
    made = await shop.gateway.data("export_hosts", {"bk_biz_id": shop.business, "format": "json", **narrowed})
    assert json.loads(base64.b64decode(made["content"])) == [
        {"bk_host_name": "web-2", "place": "idle"},
        {"bk_host_name": "50%_off", "place": "idle"},
    ]
    refused = await shop.gateway.call("export_hosts", {"fields": ["colour"]})
    assert "a host has no colour" in refused["message"]
    pool = await shop.gateway.data("export_hosts", {"fields": ["bk_host_innerip"]})
    assert base64.b64decode(pool["content"]).decode("utf-8-sig").splitlines() == ["bk_host_innerip", "10.9.9.9"]
