"""Component plugins of several calls: in turn, each under its own key, with a durable place between them."""

from dataclasses import replace
from typing import Any

import pytest

from kernel.contracts.plugin_invoker import ChangesRefused, PluginCall, PluginResult, PluginState
from tests.support.marketplace import MarketplaceHouse, call_of
from tests.support.packages import RENEW
from tests.support.scripted_gateway import Said, ScriptedGateway

SCOPES = ["cmdb:write", "job:execute", "job:read"]
MOVE, EXECUTE, STATUS = "/api/cmdb/prod/hosts/move", "/api/job/prod/execute", "/api/job/prod/status"

_MOST = 10


@pytest.fixture
async def shop(house: MarketplaceHouse, gateway: ScriptedGateway) -> MarketplaceHouse:
    assert (await house.publish(RENEW)).status_code == 201
    assert (await house.install("renew", SCOPES)).status_code == 201
    gateway.answers[MOVE] = Said({"result": True, "data": {"was": "web"}})
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    gateway.answers[STATUS] = Said({"data": {"finished": True, "exit": 0}})
    return house


def _call(**inputs: Any) -> PluginCall:
    return call_of("renew", SCOPES, inputs={"host": 7, **inputs})


async def _on(house: MarketplaceHouse, call: PluginCall, last: PluginResult) -> PluginResult:
    return await house.unit.invoker.poll(replace(call, storage=last.storage))


async def test_steps_are_made_one_by_one_and_each_changing_call_has_its_own_key(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = _call(script="df")
    told = [await shop.unit.invoker.execute(call)]
    while told[-1].state is PluginState.POLL and len(told) < _MOST:
        told.append(await _on(shop, call, told[-1]))
    assert [(each.state, each.poll_after_seconds, len(each.calls)) for each in told] == [
        (PluginState.POLL, 0, 1),
        (PluginState.POLL, 1, 1),
        (PluginState.POLL, 0, 1),
        (PluginState.SUCCESS, None, 1),
    ]
    assert [(asked.body, asked.headers.get("idempotency-key")) for asked in gateway.asked] == [
        ({"host": 7, "to": "spare"}, "run1:1"),
        ({"script": "df"}, "run1:2"),
        (None, None),
        ({"host": 7, "to": "web"}, "run1:3"),
    ]
    assert told[-1].outputs == {"was": "web", "exit": 0}


async def test_whoever_only_reads_is_refused_before_the_call_that_changes_something(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    with pytest.raises(ChangesRefused, match="changes something"):
        await shop.unit.invoker.execute(replace(_call(script="df"), reads_only=True))
    assert gateway.asked == []


async def test_a_step_that_is_repeated_after_a_crash_repeats_its_own_call_alone(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = _call(script="df")
    first = await shop.unit.invoker.execute(call)
    second = await _on(shop, call, first)
    again = await _on(shop, call, first)
    assert again.storage == second.storage
    assert [asked.headers.get("idempotency-key") for asked in gateway.asked] == ["run1:1", "run1:2", "run1:2"]


async def test_a_step_whose_condition_does_not_hold_is_passed_over(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = _call()
    last = await _on(shop, call, await shop.unit.invoker.execute(call))
    assert (last.state, last.outputs) == (PluginState.SUCCESS, {"was": "web"})
    assert [asked.path for asked in gateway.asked] == [MOVE, MOVE]
    assert last.log[0] == "script is passed over"


async def test_the_last_steps_may_all_be_passed_over(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    manifest = {**RENEW, "component": {"steps": RENEW["component"]["steps"][:2]}}
    assert (await house.publish(manifest)).status_code == 201
    assert (await house.install("renew", SCOPES)).status_code == 201
    gateway.answers[MOVE] = Said({"result": True, "data": {"was": "web"}})
    call = _call()
    first = await house.unit.invoker.execute(call)
    assert (await _on(house, call, first)).state is PluginState.SUCCESS
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    ("path", "said", "error", "made"),
    [
        (MOVE, Said({"result": False, "message": "locked"}), "cmdb.move_host failed: locked", 1),
        (EXECUTE, Said({"result": False, "message": "no account"}), "job.execute failed: no account", 2),
        (STATUS, Said({"data": {"finished": True, "exit": 3}}), "job.status failed: it exited with 3", 3),
    ],
)
async def test_a_step_that_fails_ends_the_run_and_no_further_one_begins(
    shop: MarketplaceHouse, gateway: ScriptedGateway, path: str, said: Said, error: str, made: int
) -> None:
    gateway.answers[path] = said
    call = _call(script="df")
    told = await shop.unit.invoker.execute(call)
    while told.state is PluginState.POLL and len(gateway.asked) < _MOST:
        told = await _on(shop, call, told)
    assert told.state is PluginState.FAIL
    assert (told.error or "").startswith(error)
    assert len(gateway.asked) == made


async def test_what_a_step_has_no_value_for_is_told_by_its_place(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[MOVE] = Said({"result": True, "data": {}})
    result = await shop.unit.invoker.execute(_call())
    assert (result.error or "").startswith("steps[0].store.was can't be filled in")


async def test_a_run_of_before_steps_were_known_is_polled_to_its_end(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[STATUS] = Said({"data": {"finished": True, "status": 3, "exit": 0}})
    gateway.answers["/api/job/prod/log"] = Said({"data": {"log": "all good"}})
    kept = {"changing_calls": 1, "kept": {"id": 5}, "outputs": {"instance": 5}, "misses": 0}
    call = call_of("run_script", ["job:execute", "job:read"], inputs={"script": "df"}, storage=kept)
    result = await house.unit.invoker.poll(call)
    assert (result.state, result.outputs) == (PluginState.SUCCESS, {"instance": 5, "exit": 0, "log": "all good"})
