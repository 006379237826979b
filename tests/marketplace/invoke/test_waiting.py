import copy
from dataclasses import replace
from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from tests.support.marketplace import MarketplaceHouse, call_of
from tests.support.packages import RUN_SCRIPT
from tests.support.scripted_gateway import Asked, Said, ScriptedGateway, gateway_error

SCOPES = ["job:execute", "job:read"]
STARTED = Said({"result": True, "data": {"id": 5}})
RUNNING = Said({"data": {"finished": False, "status": 2}})
LOG = Said({"data": {"log": "all well"}})


def _ended(status: int, code: int = 0) -> Said:
    return Said({"data": {"finished": True, "status": status, "exit": code}})


@pytest.fixture
def call() -> PluginCall:
    return call_of("run_script", SCOPES, inputs={"script": "df -h"})


def _after(call: PluginCall, result: PluginResult) -> PluginCall:
    return replace(call, storage=result.storage)


async def _started(house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall) -> PluginCall:
    gateway.answers["/api/job/prod/execute"] = STARTED
    return _after(call, await house.unit.invoker.execute(call))


async def _only_polling(house: MarketplaceHouse) -> PluginCall:
    manifest: dict[str, Any] = copy.deepcopy(RUN_SCRIPT)
    manifest["code"] = "run_polling"
    del manifest["component"]["callback"]
    del manifest["component"]["call"]["body"]["back"]
    assert (await house.publish(manifest)).status_code == 201
    await house.install("run_polling", SCOPES)
    return call_of("run_polling", SCOPES, inputs={"script": "df -h"})


async def test_what_was_started_waits_for_its_callback_with_a_late_poll(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    gateway.answers["/api/job/prod/execute"] = STARTED
    result = await house.unit.invoker.execute(call)
    assert (result.state, result.poll_after_seconds) == (PluginState.CALLBACK, 20)
    assert result.outputs == {"instance": 5}
    assert gateway.asked[0].body == {"script": "df -h", "back": "http://trunkline/v1/callbacks/abc"}


async def test_without_a_callback_it_polls_until_done_and_reads_what_is_left(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = await _only_polling(house)
    gateway.answers["/api/job/prod/execute"] = STARTED
    first = await house.unit.invoker.execute(call)
    assert (first.state, first.poll_after_seconds) == (PluginState.POLL, 1)
    gateway.answers["/api/job/prod/status"] = RUNNING
    second = await house.unit.invoker.poll(_after(call, first))
    assert (second.state, second.outputs) == (PluginState.POLL, {"instance": 5})
    gateway.answers |= {"/api/job/prod/status": _ended(3), "/api/job/prod/log": LOG}
    last = await house.unit.invoker.poll(_after(call, second))
    assert last.state is PluginState.SUCCESS
    assert last.outputs == {"instance": 5, "exit": 0, "log": "all well"}
    assert [asked.path for asked in gateway.asked[-2:]] == ["/api/job/prod/status", "/api/job/prod/log"]
    assert all(asked.query == {"id": ["5"]} for asked in gateway.asked[1:])
    assert not any("idempotency-key" in asked.headers for asked in gateway.asked[1:])


async def test_a_failed_end_keeps_the_outputs_and_the_log(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers |= {"/api/job/prod/status": _ended(4, 1), "/api/job/prod/log": LOG}
    result = await house.unit.invoker.poll(waiting)
    assert result.state is PluginState.FAIL
    assert result.error is not None
    assert result.error.startswith("job.status failed: the script ended with status 4 (HTTP 200")
    assert result.outputs == {"instance": 5, "exit": 1, "log": "all well"}


async def test_a_failed_end_stays_the_failure_when_its_log_cannot_be_read(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers |= {"/api/job/prod/status": _ended(4, 1), "/api/job/prod/log": Said({"message": "lost"}, 500)}
    result = await house.unit.invoker.poll(waiting)
    assert "the script ended with status 4" in str(result.error)
    assert any("lost" in line for line in result.log)


async def test_a_success_whose_log_cannot_be_read_is_told(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers |= {"/api/job/prod/status": _ended(3), "/api/job/prod/log": Said({"message": "lost"}, 500)}
    result = await house.unit.invoker.poll(waiting)
    assert (result.state, "job.log failed: lost" in str(result.error)) == (PluginState.FAIL, True)


async def test_polls_that_fail_are_repeated_three_times(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers["/api/job/prod/status"] = gateway_error(502, "the backend cannot be reached")
    for _ in range(3):
        result = await house.unit.invoker.poll(waiting)
        assert result.state is PluginState.CALLBACK
        waiting = _after(waiting, result)
    assert (await house.unit.invoker.poll(waiting)).state is PluginState.FAIL
    gateway.answers["/api/job/prod/status"] = RUNNING
    recovered = await house.unit.invoker.poll(waiting)
    assert (recovered.state, recovered.storage["misses"]) == (PluginState.CALLBACK, 0)


async def test_a_refused_poll_fails_at_once(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers["/api/job/prod/status"] = gateway_error(403, "no permission")
    result = await house.unit.invoker.poll(waiting)
    assert ("no permission" in str(result.error), result.answered) == (True, False)


async def test_a_callback_ends_the_wait(house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers["/api/job/prod/log"] = LOG
    early = await house.unit.invoker.callback(waiting, {"status": 2})
    assert (early.state, early.poll_after_seconds) == (PluginState.CALLBACK, 20)
    result = await house.unit.invoker.callback(_after(waiting, early), {"status": 3, "note": "a\0b"})
    assert (result.state, result.outputs) == (PluginState.SUCCESS, {"instance": 5, "log": "all well"})


async def test_a_callback_may_tell_of_a_failure(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    gateway.answers["/api/job/prod/log"] = LOG
    result = await house.unit.invoker.callback(waiting, {"status": 4})
    assert result.error == "job.execute failed: the script ended with status 4"
    assert result.outputs["log"] == "all well"


@pytest.mark.parametrize("data", [None, [], "x", {}])
async def test_a_callback_that_cannot_be_understood_leaves_the_answer_to_the_poll(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall, data: Any
) -> None:
    waiting = await _started(house, gateway, call)
    result = await house.unit.invoker.callback(waiting, data)
    assert (result.state, result.poll_after_seconds) == (PluginState.CALLBACK, 20)
    assert result.log[0].startswith("Called back with what can't be understood")


async def test_without_a_poll_such_a_callback_fails_the_node(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    manifest: dict[str, Any] = copy.deepcopy(RUN_SCRIPT)
    manifest["code"] = "run_waiting"
    del manifest["component"]["poll"]
    assert (await house.publish(manifest)).status_code == 201
    await house.install("run_waiting", SCOPES)
    waiting = await _started(house, gateway, call_of("run_waiting", SCOPES, inputs={"script": "df"}))
    result = await house.unit.invoker.callback(waiting, {})
    assert (result.state, result.error) == (
        PluginState.FAIL, "callback.done can't be decided: 'status' has no value"
    )  # fmt: skip


async def test_keys_count_on_over_the_invocations_of_a_run(
    house: MarketplaceHouse, gateway: ScriptedGateway, call: PluginCall
) -> None:
    waiting = await _started(house, gateway, call)
    keys: list[str | None] = []

    def noted(asked: Asked) -> Said:
        keys.append(asked.headers.get("idempotency-key"))
        return LOG

    gateway.answers |= {"/api/job/prod/status": _ended(3), "/api/job/prod/log": noted}
    components = house.components.components
    components[:] = [replace(each, is_read=False) if each.name == "log" else each for each in components]
    await house.unit.invoker.poll(waiting)
    await house.unit.invoker.poll(waiting)
    assert keys == ["run1:2", "run1:2"]


async def test_a_plugin_that_neither_polls_nor_waits_says_so(house: MarketplaceHouse) -> None:
    call = call_of("find_host", ["cmdb:read"], inputs={"ip": "10.0.0.1"})
    assert (await house.unit.invoker.poll(call)).error == "find_host does not poll"
    assert (await house.unit.invoker.callback(call, {})).error == "find_host waits for no callback"
