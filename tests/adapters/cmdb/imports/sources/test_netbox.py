"""Hosts from NetBox: paged, mapped, scheduled; what vanishes there follows its rule here."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from adapters.cmdb.service.imports.applying import ImportApplier
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.running import SourceRunner
from kernel.clock import ManualClock
from kernel.db.database import Database
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.cmdb.imports.sources.conftest import Synced
from tests.adapters.kinds import one_database
from tests.support.netbox import NetBox, device


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and parts of twenty, so that a few hosts make several."""
    monkeypatch.setattr("adapters.cmdb.service.imports.sources.netbox._PAGE", 20)
    monkeypatch.setattr("adapters.cmdb.service.imports.repository._AT_ONCE", 20)


async def _source(shop: Shop, netbox: NetBox, **more: Any) -> str:
    settings = {"url": netbox.url, **more.pop("settings", {})}
    secret = {"token": more.pop("token", netbox.token)}
    asked = {"name": "netbox", "kind": "netbox", "netbox": settings, "secret": secret, "bk_biz_id": shop.business}
    return str((await shop.gateway.data("create_import_source", {**asked, **more}))["id"])


async def test_devices_and_machines_become_hosts_and_follow_their_changes(synced: Synced, netbox: NetBox) -> None:
    shop = synced.shop
    netbox.devices = [device(number) for number in range(1, 23)] + [device(600, primary_ip4=None)]
    netbox.machines = [device(700, vcpus=2.0, memory=4096, disk=50_000)]
    mapping = [{"from": "site.name/role.name", "to": "place"}]
    source = await _source(shop, netbox, settings={"query": {"status": "active"}, "mapping": mapping})
    preview = await shop.gateway.data("preview_import_source", {"id": source})
    assert (preview["counts"]["created"], preview["sampled"]) == (21, True)
    run = await synced.run(source)
    assert (run["state"], run["counts"]) == (
        "finished",
        {"created": 23, "changed": 0, "same": 0, "refused": 1, "vanished": 0},
    )
    assert (run["problems"][0]["field"], run["started_by"]) == ("bk_host_innerip", "ada")
    assert {query["status"] for query in netbox.queries} == {"active"}
    found = await synced.hosts()
    made = (await shop.gateway.data("search_host", {"ip": {"data": ["10.20.2.188"]}}))["info"][0]
    assert (made["host"]["bk_cpu"], made["host"]["bk_mem"], made["host"]["bk_disk"]) == (2, 4096, 50)
    assert [each["bk_module_name"] for each in made["module"]] == ["web"]
    netbox.devices = [device(number, serial="other") if number == 7 else device(number) for number in range(1, 23)]
    again = await synced.run(source)
    assert (again["counts"]["changed"], again["counts"]["same"]) == (1, 22)
    (origin,) = await shop.gateway.data("list_host_origins", {"bk_host_ids": [found["10.20.0.7"]["bk_host_id"]]})
    assert (origin["source_name"], origin["external_id"]) == ("netbox", "devices/7")


@one_database
@pytest.mark.parametrize("rule", ["leave", "mark", "recycle"])
async def test_hosts_that_vanish_there_follow_the_rule(synced: Synced, netbox: NetBox, rule: str) -> None:
    shop = synced.shop
    netbox.devices = [device(number) for number in range(1, 6)]
    source = await _source(shop, netbox, vanished=rule)
    await synced.run(source)
    netbox.devices = netbox.devices[1:]
    run = await synced.run(source)
    assert run["counts"]["vanished"] == 1
    host = (await synced.hosts())["10.20.0.1"]["bk_host_id"]
    (origin,) = await shop.gateway.data("list_host_origins", {"bk_host_ids": [host]})
    assert (origin["missing_since"] is not None) == (rule != "leave")
    internal = (await shop.gateway.get("get_biz_internal_module", {"bk_biz_id": shop.business}))["data"]["module"]
    (place,) = await shop.gateway.data("find_host_biz_relations", {"bk_host_id": [host]})
    assert place["bk_module_id"] == internal[2 if rule == "recycle" else 0]["bk_module_id"]
    netbox.devices = [device(number) for number in range(1, 6)]
    assert (await synced.run(source))["counts"]["vanished"] == 0
    (back,) = await shop.gateway.data("list_host_origins", {"bk_host_ids": [host]})
    assert back["missing_since"] is None


async def test_a_source_that_answers_almost_nothing_takes_nothing_away(synced: Synced, netbox: NetBox) -> None:
    netbox.devices = [device(number) for number in range(1, 31)]
    source = await _source(synced.shop, netbox, vanished="recycle")
    await synced.run(source)
    netbox.devices = netbox.devices[:2]
    run = await synced.run(source)
    assert (run["counts"]["vanished"], run["problem"]) == (
        28,
        "28 of 30 hosts vanished, more than half: nothing was done about them",
    )
    host = (await synced.hosts())["10.20.0.9"]["bk_host_id"]
    (origin,) = await synced.shop.gateway.data("list_host_origins", {"bk_host_ids": [host]})
    assert origin["missing_since"] is None


@one_database
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"token": "wrong"}, "the token is not let in"),
        ({"redirects": True}, "answers a redirect"),
        ({"broken_after": 20}, "NetBox answers 500"),
    ],
)
async def test_a_source_that_fails_changes_nothing_and_says_why(
    synced: Synced, netbox: NetBox, broken: dict[str, Any], reason: str
) -> None:
    netbox.devices = [device(number) for number in range(1, 23)]
    token = broken.pop("token", netbox.token)
    for name, value in broken.items():
        setattr(netbox, name, value)
    source = await _source(synced.shop, netbox, token=token)
    before = await synced.hosts()
    run = await synced.run(source)
    assert (run["state"], reason in run["problem"]) == ("failed", True), run
    assert await synced.hosts() == before
    assert "token" not in json.dumps(run).replace("the token is", "")


async def test_a_schedule_runs_again_after_so_many_minutes(synced: Synced, netbox: NetBox, clock: ManualClock) -> None:
    source = await _source(synced.shop, netbox, every_minutes=30)
    assert await synced.runner.run_due() is False
    clock.advance(minutes=31)
    assert await synced.runner.run_due() is True
    assert await synced.runner.run_due() is False
    (kept,) = (await synced.shop.gateway.get("list_import_sources", {}))["data"]
    assert (kept["id"], kept["running"]) == (source, False)
    await synced.shop.gateway.data("update_import_source", {"id": source, "enabled": False})
    clock.advance(minutes=31)
    assert await synced.runner.run_due() is False
    runs = (await synced.shop.gateway.data("list_import_runs", {"source_id": source}))["info"]
    assert [run["started_by"] for run in runs] == ["schedule"]


class KilledHere(BaseException):
    """Where a process dies."""


async def test_a_run_whose_process_died_is_done_again_to_its_end(
    synced: Synced, netbox: NetBox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    netbox.devices = [device(number) for number in range(1, 23)]
    source = await _source(synced.shop, netbox)
    await synced.shop.gateway.data("run_import_source", {"id": source})
    whole, parts = ImportApplier.apply, []

    async def dies_in_the_second_part(*arguments: Any) -> None:
        parts.append(1)
        await whole(*arguments)
        if len(parts) > 1:
            raise KilledHere

    async def never_ends(*_arguments: Any) -> None:
        """As nothing does in a process that is gone."""

    with monkeypatch.context() as patch, pytest.raises(KilledHere):
        patch.setattr(ImportApplier, "apply", dies_in_the_second_part)
        patch.setattr(SourceRunner, "_end", never_ends)
        await synced.runner.run_due()
    assert len(await synced.hosts()) == 24
    assert await synced.runner.run_due() is False
    clock.advance(minutes=3)
    assert await synced.runner.run_due() is True
    runs = (await synced.shop.gateway.data("list_import_runs", {"source_id": source}))["info"]
    assert [run["state"] for run in runs] == ["finished", "broken_off"]
    assert (runs[0]["counts"]["created"], runs[0]["counts"]["same"]) == (2, 20)


@one_database
async def test_a_secret_is_sealed_never_told_and_kept_by_other_changes(
    synced: Synced, netbox: NetBox, database: Database
) -> None:
    gateway = synced.shop.gateway
    source = await _source(synced.shop, netbox)
    await gateway.data("update_import_source", {"id": source, "name": "other", "vanished": "leave"})
    assert (await synced.run(source))["state"] == "finished"
    async with database.reading() as session:
        (kept,) = (await session.execute(select(ImportSource))).scalars()
    assert netbox.token not in kept.sealed_secret
    told = json.dumps([await gateway.get("list_import_sources", {}), await gateway.data("list_operation_audit", {})])
    assert (netbox.token in told, '"has_secret": true' in told) == (False, True)
    await gateway.data("update_import_source", {"id": source, "secret": {"token": "wrong"}})
    assert (await synced.run(source))["state"] == "failed"
    await gateway.data("delete_import_source", {"id": source})
    assert (await gateway.get("list_import_sources", {}))["data"] == []


@one_database
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"name": "x", "kind": "netbox"}, "needs its settings"),
        ({"name": "x", "kind": "netbox", "netbox": {"url": "http://169.254.169.254"}}, "netbox.url: leads inside"),
        ({"name": "x", "kind": "ssh", "ssh": {"addresses": ["10.0.0.0/8"], "username": "a"}}, "more than 4096"),
        ({"name": "x", "kind": "ssh", "ssh": {"addresses": ["east"], "username": "a"}}, "ssh.addresses"),
        (
            {
                "name": "x",
                "kind": "ssh",
                "ssh": {"addresses": ["10.0.0.1"], "username": "a", "known_hosts": "@odd a b"},
            },
            "ssh.known_hosts",
        ),
    ],
)
async def test_wrong_settings_are_refused_by_name(shop: Shop, asked: dict[str, Any], reason: str) -> None:
    refused = await shop.gateway.call("create_import_source", asked)
    assert (refused["result"], reason in refused["message"]) == (False, True), refused
