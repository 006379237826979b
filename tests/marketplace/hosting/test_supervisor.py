"""Who runs a plugin, when it is started, what becomes of one that ends by itself."""

import asyncio
import json
import os
import time
from dataclasses import replace

import pytest

from kernel.clock import SystemClock
from marketplace.hosting.bounded import ask
from marketplace.hosting.errors import HostedPluginUnknown, PluginAway, PluginFailed
from marketplace.hosting.hosted import MOST_ENDINGS
from marketplace.hosting.isolation import isolation_from
from marketplace.hosting.keeping import Keeper
from marketplace.hosting.log import last_lines
from marketplace.hosting.models import HostedState
from marketplace.hosting.repository import find_hosted, renew_leases, take_lease
from marketplace.hosting.settings import hosting_settings
from marketplace.hosting.supervisor import Supervisor
from tests.marketplace.hosting.doubles import KeptSystems
from tests.support.marketplace import build_house
from tests.support.patience import PATIENCE_SECONDS, until


@pytest.fixture
async def house(kernel, package):
    built = build_house(kernel)
    assert (await built.upload(package)).status_code == 201
    yield built
    await built.close()


@pytest.fixture
async def supervisor(kernel, house, hosting, isolation):
    """On the module's folder, where the plugin has been prepared after the first test."""
    made = Supervisor(kernel.database, SystemClock(), hosting)
    made.isolation = isolation
    await made.start()
    yield made
    await made.stop()


async def waiting_at(peer):
    answer = await ask(peer, "GET", "/bk_plugin/waiting", most=1_000)
    assert answer.status == 200
    return json.loads(answer.content)["waiting"]


async def row(house, plugin="greet"):
    async with house.database.reading() as session:
        return await find_hosted(session, plugin, "1.0.0")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_one_process_serves_all_that_ask_and_ends_with_its_supervisor(house, kernel, hosting, supervisor):
    other = Supervisor(kernel.database, SystemClock(), hosting)
    await other.start()
    try:
        peer = await supervisor.reach("greet", "1.0.0")
        assert await waiting_at(peer) == 0
        theirs = await other.reach("greet", "1.0.0")
        assert await waiting_at(theirs) == 0
        assert supervisor.hosted["greet", "1.0.0"].process is not None
        assert other.hosted["greet", "1.0.0"].process is None
        found = await row(house)
        assert (found.state, found.machine, found.restarts) == ("running", supervisor.machine, 0)
        assert found.start_seconds > 0
        await told_by_the_other(supervisor, other)
    finally:
        await other.stop()
    pid = found.pid
    await supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert ((await row(house)).state, (await row(house)).pid) == ("idle", 0)


async def told_by_the_other(supervisor, other):
    """What is secret to either process of the server stands in no line of the log that one of them writes."""
    ours, theirs = (each.hosted["greet", "1.0.0"] for each in (supervisor, other))
    await ours.hide(["first-secret"])
    await theirs.hide(["second-secret"])
    assert await theirs.masked("first-secret, second-secret") == "********, ********"
    body = json.dumps({"inputs": {"how": "second-secret"}, "context": {}}).encode()
    headers = {"x-trunkline-app": "flows", "content-type": "application/json"}
    peer = await other.reach("greet", "1.0.0")
    answer = await ask(peer, "POST", "/bk_plugin/invoke/1.0.0", most=10_000, content=body, headers=headers)
    assert json.loads(answer.content)["data"]["state"] == 4
    await until(lambda: any("******** says" in line for line in last_lines(ours.folder.log, 50)))
    assert not any("second-secret" in line for line in last_lines(ours.folder.log, 50))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_all_processes_of_a_server_know_how_often_a_plugin_has_ended(house, kernel, hosting, supervisor):
    other = Supervisor(kernel.database, SystemClock(), hosting)
    await other.start()
    ours, theirs = [await each.know("greet", "1.0.0") for each in (supervisor, other)]
    try:
        ours.folder.place.mkdir(parents=True, exist_ok=True)
        for _ in range(MOST_ENDINGS):
            ours.pauses.ended(0, time.monotonic())
            ours.remember()
        with pytest.raises(PluginFailed, match="again and again"):
            await other.reach("greet", "1.0.0")
        assert theirs.pauses == ours.pauses
        theirs.forgive()
        assert not theirs.is_held_back(time.monotonic())
    finally:
        ours.forgive()
        await other.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_waits_for_another_process_to_start_a_plugin_does_not_hold_up_the_end(house, kernel, hosting):
    waiting, starting = [Supervisor(kernel.database, SystemClock(), hosting) for _ in range(2)]
    theirs = await starting.know("greet", "1.0.0")
    assert theirs.try_to_own()
    try:
        call = asyncio.create_task(waiting.reach("greet", "1.0.0"))
        await until(lambda: waiting.hosted and waiting.hosted["greet", "1.0.0"].turn.locked())
        await asyncio.wait_for(waiting.stop(), timeout=PATIENCE_SECONDS)
        with pytest.raises(PluginAway, match="This server is ending"):
            await call
    finally:
        theirs.disown()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_idle_plugin_ends_and_the_next_call_starts_it(house, kernel, hosting, isolation):
    supervisor = Supervisor(kernel.database, SystemClock(), replace(hosting, idle_seconds=0.01))
    supervisor.isolation = isolation
    await supervisor.start()
    keeper = Keeper(supervisor, house.unit.manifests, KeptSystems())
    assert (await house.install("greet", [])).status_code == 201
    try:
        await keeper.turn()
        await until(lambda: supervisor.hosted and supervisor.hosted["greet", "1.0.0"].process is not None)
        await keeper.turn()
        assert (await row(house)).state == "idle"
        assert supervisor.hosted["greet", "1.0.0"].process is None
        assert await waiting_at(await supervisor.reach("greet", "1.0.0")) == 0
        house_stops = await house.client.post("/hosted-plugins/greet/versions/1.0.0:stop")
        assert house_stops.json()["state"] == "stopped"
        await keeper.turn()
        assert supervisor.hosted["greet", "1.0.0"].process is None
        with pytest.raises(PluginFailed, match="stopped by an operator"):
            await supervisor.reach("greet", "1.0.0")
        await house.client.post("/hosted-plugins/greet/versions/1.0.0:start")
        await keeper.turn()
        hosted = supervisor.hosted["greet", "1.0.0"]
        await until(lambda: hosted.process is not None)
        for asked in ("stop", "start"):
            await house.client.post(f"/hosted-plugins/greet/versions/1.0.0:{asked}")
        await supervisor.end(hosted, HostedState.STOPPED, "by an operator")  # as who looked between the two
        assert (await row(house)).state == "preparing", "the start is not forgotten"
        await keeper.turn()
        await until(lambda: hosted.process is not None)
    finally:
        await keeper.stop()
        await supervisor.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_one_that_cannot_be_started_pauses_longer_and_is_given_up(house, supervisor):
    hosted = await supervisor.know("greet", "1.0.0")
    for ending in range(1, MOST_ENDINGS + 1):
        hosted.pauses.until = 0
        hosted.pauses.ended(0, 0)
        assert hosted.pauses.endings == ending
    hosted.pauses.until = float("inf")
    with pytest.raises(PluginFailed, match="again and again"):
        await supervisor.reach("greet", "1.0.0")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_machine_that_can_hold_nothing_runs_nothing_unless_it_is_told_to(house, kernel, hosting):
    supervisor = Supervisor(kernel.database, SystemClock(), replace(hosting, relaxed=False))
    supervisor.isolation = isolation_from({}, "", is_root=False)
    await supervisor.start()
    with pytest.raises(PluginFailed, match="can't keep plugins apart"):
        await supervisor.reach("greet", "1.0.0")
    assert (await row(house)).state == "failed"
    await supervisor.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_never_published_is_not_run(supervisor):
    with pytest.raises(HostedPluginUnknown):
        await supervisor.reach("nobody", "1.0.0")
    with pytest.raises(HostedPluginUnknown):
        await supervisor.know("greet", "1.0.0", takes_up=False)


async def test_of_several_machines_one_has_a_plugin_until_it_is_away(kernel, house, supervisor, clock):
    await supervisor.know("greet", "1.0.0")
    hosted_id = (await row(house)).id
    async with kernel.database.unit_of_work() as session:
        assert await take_lease(session, hosted_id, "one", clock.now())
    async with kernel.database.unit_of_work() as session:
        assert not await take_lease(session, hosted_id, "two", clock.now())
        assert await take_lease(session, hosted_id, "one", clock.now())
    clock.advance(seconds=50)
    async with kernel.database.unit_of_work() as session:
        await renew_leases(session, "one", clock.now())
    clock.advance(seconds=50)
    async with kernel.database.unit_of_work() as session:
        assert not await take_lease(session, hosted_id, "two", clock.now())
    clock.advance(seconds=61)
    async with kernel.database.unit_of_work() as session:
        assert await take_lease(session, hosted_id, "two", clock.now())
    elsewhere = Supervisor(kernel.database, clock, hosting_settings(kernel.settings))
    elsewhere.isolation = isolation_from({"namespaces": True}, "", is_root=False)
    await elsewhere.start()
    with pytest.raises(PluginAway, match="is run by two"):
        await elsewhere.reach("greet", "1.0.0")
    await elsewhere.stop()
