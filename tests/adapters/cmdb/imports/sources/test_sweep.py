"""Hosts that answer SSH: their facts, and the keys by which they are believed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.cmdb.service.imports.sources.models import SweepHostKey
from kernel.db.database import Database
from kernel.settings import Settings
from tests.adapters.cmdb.imports.sources.conftest import Synced
from tests.adapters.kinds import one_database
from tests.support.ssh import CLIENT_KEY, PASSWORD, USER, SshHost, ssh_hosts


@pytest.fixture
async def hosts(tmp_path: Path) -> AsyncIterator[list[SshHost]]:
    async with ssh_hosts(tmp_path, 2) as started:
        yield started


async def _source(synced: Synced, hosts: list[SshHost], secret: dict[str, str], **more: Any) -> str:
    settings = {"addresses": [host.ip for host in hosts], "port": hosts[0].port, "username": USER, **more}
    asked = {"name": "sweep", "kind": "ssh", "ssh": settings, "secret": secret, "bk_biz_id": synced.shop.business}
    return str((await synced.shop.gateway.data("create_import_source", asked))["id"])


@one_database
async def test_hosts_in_a_network_tell_their_facts(synced: Synced, hosts: list[SshHost]) -> None:
    source = await _source(synced, hosts, {"password": PASSWORD}, accept_new_host_keys=True)
    run = await synced.run(source)
    # One machine answers at both addresses: it is one host, at the first.
    assert (run["state"], run["counts"]["created"]) == ("finished", 1), run
    host = (await synced.hosts())[hosts[0].ip]
    assert (host["bk_os_type"], host["import_from"]) == ("1", "2")
    assert host["bk_host_name"]
    assert min(host["bk_cpu"], host["bk_mem"], host["bk_disk"]) > 0
    assert (await synced.run(source))["counts"]["created"] == 0


@one_database
async def test_a_host_that_shows_another_key_is_not_believed_until_its_key_is_forgotten(
    synced: Synced, hosts: list[SshHost], database: Database
) -> None:
    source = await _source(synced, hosts[:1], {"password": PASSWORD}, accept_new_host_keys=True)
    await synced.run(source)
    async with database.unit_of_work() as session:
        (met,) = (await session.execute(select(SweepHostKey))).scalars()
        met.public_key = hosts[1].public_key.strip()
    hosts[0].passwords.clear()
    (problem,) = (await synced.run(source))["problems"]
    assert (problem["problem"], hosts[0].passwords) == (f"{hosts[0].ip} shows another host key than before", [])
    assert "forget_host_keys" in problem["remedy"]
    await synced.shop.gateway.data("update_import_source", {"id": source, "forget_host_keys": [hosts[0].ip]})
    assert (await synced.run(source))["problems"] == []


@one_database
async def test_a_host_that_nobody_knows_gets_no_secret(synced: Synced, hosts: list[SshHost]) -> None:
    source = await _source(synced, hosts[:1], {"password": PASSWORD})
    (problem,) = (await synced.run(source))["problems"]
    assert problem["problem"] == f"{hosts[0].ip} shows a host key that nobody knows"
    assert ("known_hosts" in problem["remedy"], hosts[0].passwords) == (True, [])


@one_database
async def test_known_hosts_are_believed_and_keys_let_in(synced: Synced, hosts: list[SshHost]) -> None:
    host = hosts[0]
    lines = f"[{host.ip}]:{host.port} {host.public_key}"
    key = {"private_key": CLIENT_KEY.export_private_key().decode()}
    source = await _source(synced, [host], key, known_hosts=lines)
    assert (await synced.run(source))["counts"]["created"] == 1
    other = f"[{host.ip}]:{host.port} {hosts[1].public_key}"
    changed = {"addresses": [host.ip], "port": host.port, "username": USER, "known_hosts": other}
    await synced.shop.gateway.data("update_import_source", {"id": source, "ssh": changed})
    assert "shows another host key" in (await synced.run(source))["problems"][0]["problem"]


@one_database
async def test_who_is_not_let_in_is_told_and_silence_is_no_host(synced: Synced, hosts: list[SshHost]) -> None:
    source = await _source(synced, hosts[:1], {"password": "wrong"}, accept_new_host_keys=True)
    run = await synced.run(source)
    assert (run["state"], run["problems"][0]["problem"]) == ("finished", f"{hosts[0].ip} does not let {USER} in")
    silent = {"addresses": ["127.9.9.9"], "port": hosts[0].port, "username": USER}
    await synced.shop.gateway.data("update_import_source", {"id": source, "ssh": silent})
    assert (await synced.run(source))["counts"] == {
        "created": 0, "changed": 0, "same": 0, "refused": 0, "vanished": 0,
    }  # fmt: skip


class TestOutsideTheListedNetworks:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"job_networks": ()})

    @one_database
    async def test_no_address_inside_the_network_is_dialled(self, synced: Synced, hosts: list[SshHost]) -> None:
        source = await _source(synced, hosts[:1], {"password": PASSWORD}, accept_new_host_keys=True)
        run = await synced.run(source)
        assert (run["state"], "TRUNKLINE_JOB_NETWORKS" in run["problem"]) == ("failed", True)
        assert hosts[0].connections == []
