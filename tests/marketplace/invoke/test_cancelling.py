"""Plugins are told that a run is wanted no more: component plugins by a call they map, others where they say so."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from kernel.contracts.components import ComponentDescription
from kernel.contracts.plugin_invoker import CancelState, PluginCall, PluginResult, PluginState, PluginUnavailable
from tests.marketplace.invoke.test_remote import COMPONENTS, INVOKE, MANIFEST, TRACE, begun
from tests.support.marketplace import MarketplaceHouse, call_of
from tests.support.packages import RENEW, RUN_SCRIPT, manifest_of
from tests.support.scripted_gateway import Said, ScriptedGateway, gateway_error

SCOPES = ["job:execute", "job:read"]
EXECUTE, STOP = "/api/job/prod/execute", "/api/job/prod/stop"
REMOTE_CANCEL = f"/api/greet/prod/bk_plugin/cancel/{TRACE}"
CANCEL = {
    "call": {"component": "job.stop", "body": {"id": "${storage.id}", "same": "${outputs.instance}"}},
    "success": "response.result",
    "error": "${response.message}",
}


def _cancellable(**more: Any) -> dict[str, Any]:
    manifest: dict[str, Any] = copy.deepcopy(RUN_SCRIPT)
    manifest["code"] = "run_cancellable"
    manifest["component"]["cancel"] = {**CANCEL, **more}
    return manifest


@pytest.fixture
async def shop(house: MarketplaceHouse, gateway: ScriptedGateway) -> MarketplaceHouse:
    stop = ComponentDescription("job", "stop", "POST", "/stop", ("job:execute",), is_read=False)
    house.components.components.append(stop)
    published = await house.publish(_cancellable())
    assert published.status_code == 201, published.text
    assert (await house.install("run_cancellable", SCOPES)).status_code == 201
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    return house


async def _begun(house: MarketplaceHouse, code: str = "run_cancellable") -> PluginCall:
    call = call_of(code, SCOPES, inputs={"script": "df"})
    result = await house.unit.invoker.execute(call)
    assert result.state is PluginState.CALLBACK
    return replace(call, storage=result.storage, ending=True)


async def test_a_mapped_call_stops_what_was_begun_under_a_key_of_its_own(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = await _begun(shop)
    gateway.answers[STOP] = Said({"result": True})
    for _ in range(2):
        told = await shop.unit.invoker.cancel(call)
        assert (told.state, told.reason) == (CancelState.CANCELLED, "")
    assert [asked.body for asked in gateway.asked[1:]] == [{"id": 5, "same": 5}] * 2
    (key,) = {asked.headers["idempotency-key"] for asked in gateway.asked[1:]}
    assert key.startswith("run1:cancel-")
    (made,) = told.calls
    assert (made.component, made.status, made.idempotency_key) == ("job.stop", 200, key)


async def test_what_was_learnt_later_is_told_under_another_key(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = await _begun(shop)
    gateway.answers[STOP] = Said({"result": True})
    later = replace(call, storage={**call.storage, "kept": {**call.storage["kept"], "id": 6}})
    reordered = replace(call, storage=dict(reversed(call.storage.items())))
    for each in (call, later, reordered):
        assert (await shop.unit.invoker.cancel(each)).state is CancelState.CANCELLED
    first, other, again = (asked.headers["idempotency-key"] for asked in gateway.asked[1:])
    assert [asked.body["id"] for asked in gateway.asked[1:]] == [5, 6, 5]
    assert first == again != other


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (Said({"result": False, "message": "no such host"}), True),
        (Said({"message": "bad"}, 400), True),
        (gateway_error(504, "upstream timeout"), False),
        (Said({"message": "it fell over"}, 500), False),
        (Said(b"{", 200, {"content-type": "application/json"}), False),
    ],
)
async def test_only_what_the_system_said_tells_that_nothing_is_under_way(
    shop: MarketplaceHouse, gateway: ScriptedGateway, said: Said, *, answered: bool
) -> None:
    gateway.answers[EXECUTE] = said
    result = await shop.unit.invoker.execute(call_of("run_cancellable", SCOPES, inputs={"script": "df"}))
    assert (result.state, result.answered) == (PluginState.FAIL, answered)


async def test_a_call_that_could_not_be_made_tells_nothing_of_what_is_under_way(shop: MarketplaceHouse) -> None:
    call = replace(await _begun(shop), scopes=frozenset())
    result = await shop.unit.invoker.poll(call)
    assert (result.state, result.answered, result.storage) == (PluginState.FAIL, False, call.storage)


@pytest.mark.parametrize("answer", [Said({"result": False, "message": "has ended already"}), gateway_error(403, "no")])
async def test_a_refusal_is_told(shop: MarketplaceHouse, gateway: ScriptedGateway, answer: Said) -> None:
    call = await _begun(shop)
    gateway.answers[STOP] = answer
    told = await shop.unit.invoker.cancel(call)
    assert told.state is CancelState.NOT_REACHED
    assert answer.content["message"] in told.reason


async def test_a_server_error_may_pass(shop: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    call = await _begun(shop)
    gateway.answers[STOP] = Said({"message": "it starts"}, 502)
    with pytest.raises(PluginUnavailable, match="it starts"):
        await shop.unit.invoker.cancel(call)


async def test_a_scope_that_lacks_is_told_and_nothing_is_called(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    call = await _begun(shop)
    for lacking in (replace(call, scopes=frozenset({"job:read"})), replace(call, consented=frozenset({"job:read"}))):
        told = await shop.unit.invoker.cancel(lacking)
        assert told.state is CancelState.NOT_REACHED
        assert "job:execute" in told.reason
    assert len(gateway.asked) == 1


async def test_without_the_first_answer_nobody_knows_what_to_stop(
    shop: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    told = await shop.unit.invoker.cancel(call_of("run_cancellable", SCOPES, inputs={"script": "df"}))
    assert (told.state, "job.execute answered is not known" in told.reason) == (CancelState.NOT_REACHED, True)
    assert gateway.asked == []


async def test_a_plugin_without_a_way_is_not_told(shop: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    told = await shop.unit.invoker.cancel(await _begun(shop, "run_script"))
    assert (told.state, len(gateway.asked)) == (CancelState.NOT_OFFERED, 1)


async def test_no_step_begins_once_the_task_is_revoked(shop: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    manifest: dict[str, Any] = copy.deepcopy(RENEW)
    manifest["component"]["steps"][1]["cancel"] = {"call": {"component": "job.stop", "body": {"id": "${storage.id}"}}}
    scopes = ["cmdb:write", *SCOPES]
    assert (await shop.publish(manifest)).status_code == 201
    assert (await shop.install("renew", scopes)).status_code == 201
    gateway.answers["/api/cmdb/prod/hosts/move"] = Said({"result": True, "data": {"was": "web"}})
    call = call_of("renew", scopes, inputs={"host": 7, "script": "df"})
    moved = await shop.unit.invoker.execute(call)
    between = replace(call, storage=moved.storage, ending=True)
    refused: PluginResult = await shop.unit.invoker.poll(between)
    assert (refused.state, refused.error) == (PluginState.FAIL, "the task was revoked before script began")
    assert (await shop.unit.invoker.cancel(between)).state is CancelState.ENDED
    running = await shop.unit.invoker.poll(replace(call, storage=moved.storage))
    gateway.answers[STOP] = Said({})
    told = await shop.unit.invoker.cancel(replace(call, storage=running.storage))
    assert (told.state, gateway.asked[-1].body) == (CancelState.CANCELLED, {"id": 5})


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Said({"result": True, "data": {"cancelled": True}, "message": ""}), CancelState.CANCELLED),
        (Said({"result": True, "data": {"cancelled": False}, "message": ""}), CancelState.ENDED),
        (Said({"result": False, "data": None, "message": "it would not stop"}), CancelState.NOT_REACHED),
    ],
)
async def test_a_remote_plugin_that_says_so_is_asked_to_end_its_run(
    house: MarketplaceHouse, gateway: ScriptedGateway, said: Said, state: CancelState
) -> None:
    cancel = ComponentDescription(
        "greet", "cancel", "POST", "/bk_plugin/cancel/{trace_id}", ("greet:run",), is_read=False
    )
    house.components.components.extend([*COMPONENTS, cancel])
    ending = manifest_of(MANIFEST, code="ending", remote=MANIFEST["remote"] | {"cancels": True})
    for manifest in (MANIFEST, ending):
        published = await house.publish(manifest)
        assert published.status_code == 201, published.text
        assert (await house.install(manifest["code"], ["greet:run"])).status_code == 201
    gateway.answers |= {INVOKE: begun(2), REMOTE_CANCEL: said}
    states = []
    for code in ("ending", "greet"):
        call = call_of(code, ["greet:run"], inputs={"name": "you"})
        result = await house.unit.invoker.execute(call)
        states.append((await house.unit.invoker.cancel(replace(call, storage=result.storage))).state)
    assert states == [state, CancelState.NOT_OFFERED]
    (key,) = [asked.headers["idempotency-key"] for asked in gateway.asked if asked.path == REMOTE_CANCEL]
    assert key.startswith("run1:cancel-")
