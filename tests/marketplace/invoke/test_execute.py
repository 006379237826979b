import asyncio
import copy
from dataclasses import replace
from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.contracts.components import ComponentDescription
from kernel.contracts.configuration import AlwaysNewest
from kernel.contracts.plugin_invoker import CallRecord, PluginResult, PluginState, PluginUnavailable
from kernel.errors import NotFound, Unavailable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.invoke.calls_over_http import CallsOverHttp
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.invoke.invoker import GatewayPluginInvoker
from marketplace.invoke.named_groups import GroupPeople
from marketplace.invoke.task_tokens import TaskTokens
from tests.support.listening import listening
from tests.support.marketplace import OTHER_PROJECT, KeptGroups, MarketplaceHouse, call_of
from tests.support.packages import FIND_HOST
from tests.support.scripted_gateway import Asked, Said, ScriptedGateway, gateway_error

NO_GRANT = (
    "App has no permission; the project needs an approved grant on cmdb.list_hosts, look for it among the applications"
)
HOSTS = "/api/cmdb/prod/biz/2/hosts"
FOUND = Said({"result": True, "data": {"info": [{"bk_host_id": 7}]}, "message": "success"})


async def _find(house: MarketplaceHouse, **changed: Any) -> PluginResult:
    given: dict[str, Any] = {"inputs": {"ip": "10.0.0.1"}, **changed}
    return await house.unit.invoker.execute(call_of("find_host", ["cmdb:read"], **given))


async def _error(house: MarketplaceHouse, **changed: Any) -> str:
    result = await _find(house, **changed)
    assert result.state is PluginState.FAIL
    assert result.error is not None
    return result.error


async def test_a_call_goes_through_the_gateway_as_the_task(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    gateway.answers[HOSTS] = FOUND
    result = await _find(house)
    assert result.state is PluginState.SUCCESS
    assert result.outputs == {"host_id": 7}
    (asked,) = gateway.asked
    assert (asked.method, asked.path, asked.body) == ("POST", HOSTS, {"ip": "10.0.0.1"})
    assert asked.headers["authorization"] == "Bearer token-1"
    assert asked.headers["content-type"] == "application/json"
    assert house.tokens.minted == [frozenset({"cmdb:read"})]
    assert result.calls == (CallRecord("cmdb.list_hosts", 200, "f" * 32),)
    assert result.log[0].startswith("POST cmdb.list_hosts: HTTP 200 in ")


async def test_a_plugin_that_only_reads_may_be_asked_by_whoever_only_reads(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[HOSTS] = FOUND
    assert (await _find(house, reads_only=True)).outputs == {"host_id": 7}


async def test_a_plugin_that_needs_more_than_its_executor_consented_to_is_not_run(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    narrow = {"on_behalf_of": "ann", "launched_by": "bob", "consented": frozenset({"cmdb:write"})}
    assert "ann has not consented to cmdb:read" in await _error(house, **narrow)
    assert gateway.asked == []
    gateway.answers[HOSTS] = FOUND
    enough = await _find(house, **narrow | {"consented": frozenset({"cmdb:read"})})
    assert enough.state is PluginState.SUCCESS


async def test_a_read_carries_no_key_and_a_changing_call_its_number(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[HOSTS] = FOUND
    gateway.answers["/api/job/prod/execute"] = Said({"result": True, "data": {"id": 5}})
    await _find(house)
    call = call_of("run_script", ["job:execute", "job:read"], inputs={"script": "df"})
    first = await house.unit.invoker.execute(call)
    again = await house.unit.invoker.execute(call)
    assert [asked.headers.get("idempotency-key") for asked in gateway.asked] == [None, "run1:1", "run1:1"]
    assert first.calls[0].idempotency_key == "run1:1"
    assert again.storage == first.storage


async def test_inputs_that_were_not_given_are_left_out(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    gateway.answers["/api/cmdb/prod/biz/9/hosts"] = FOUND
    await _find(house, inputs={"ip": "10.0.0.1", "biz": 9, "note": ""})
    await _find(house, inputs={"ip": "10.0.0.1", "biz": 9})
    assert [asked.body for asked in gateway.asked] == [{"ip": "10.0.0.1", "note": ""}, {"ip": "10.0.0.1"}]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "inputs/ip is missing"),
        ({"ip": "nowhere"}, "inputs/ip is not an IPv4 address"),
        ({"ip": "10.0.0.1", "biz": "2"}, "inputs/biz must be a whole number"),
        ({"ip": "10.0.0.1", "more": 1}, "inputs/more is not expected here"),
    ],
)
async def test_inputs_are_checked_before_anything_is_called(
    house: MarketplaceHouse, gateway: ScriptedGateway, inputs: dict[str, Any], said: str
) -> None:
    assert await _error(house, inputs=inputs) == said
    assert gateway.asked == []


async def test_values_from_outside_cannot_leave_their_place_in_the_path(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    manifest = copy.deepcopy(FIND_HOST)
    manifest["code"] = "by_text"
    manifest["inputs"]["properties"]["ip"] = {"type": "string"}
    manifest["component"]["call"] = {"component": "cmdb.get_host", "path": {"id": "${inputs.ip}"}, "query": {}}
    assert (await house.publish(manifest)).status_code == 201
    await house.install("by_text", ["cmdb:read"])

    async def run(text: str) -> PluginResult:
        return await house.unit.invoker.execute(call_of("by_text", ["cmdb:read"], inputs={"ip": text}))

    await run("../../job/prod/execute?x=1#y")
    assert gateway.asked[0].path == "/api/cmdb/prod/hosts/..%2F..%2Fjob%2Fprod%2Fexecute%3Fx%3D1%23y"
    for text in ("", ".", ".."):
        assert "can't stand in its path" in str((await run(text)).error)
    assert len(gateway.asked) == 1


async def test_query_values_are_written_as_text_and_lists_repeat(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    manifest = copy.deepcopy(FIND_HOST)
    manifest["code"] = "by_query"
    query = {"a": "${inputs.ip}", "b": [1, True], "c": None, "d": "${inputs.note}", "e": "x&y=ü"}
    manifest["component"]["call"] = {"component": "cmdb.get_host", "path": {"id": 1}, "query": query}
    await house.publish(manifest)
    await house.install("by_query", ["cmdb:read"])
    await house.unit.invoker.execute(call_of("by_query", ["cmdb:read"], inputs={"ip": "10.0.0.1"}))
    assert gateway.asked[0].query == {"a": ["10.0.0.1"], "b": ["1", "true"], "e": ["x&y=ü"]}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said({"result": False, "message": "no such host"}), "failed: no such host (HTTP 200"),
        (Said({"result": False}), "failed: it said nothing (HTTP 200"),
        (Said({"detail": "broken"}, 500), "failed: broken (HTTP 500"),
        (Said({"message": "gone"}, 404), "failed: gone (HTTP 404"),
        (Said(b"<h1>Bad</h1>", 502, {"content-type": "text/html"}), "failed: <h1>Bad</h1> (HTTP 502"),
        (Said({"message": "busy"}, 503), "failed: busy (HTTP 503"),
        (gateway_error(403, "App has no permission"), "was refused by the gateway: App has no permission (HTTP 403"),
        (gateway_error(403, "App has no permission", 1640301), f"was refused by the gateway: {NO_GRANT} (HTTP 403"),
        (gateway_error(502, "the backend"), "was refused by the gateway: the backend (HTTP 502"),
        (gateway_error(504, "no answer in time"), "was refused by the gateway: no answer in time (HTTP 504"),
    ],
)
async def test_a_failure_names_component_status_message_and_request(
    house: MarketplaceHouse, gateway: ScriptedGateway, said: Said, words: str
) -> None:
    gateway.answers[HOSTS] = said
    assert await _error(house) == f"cmdb.list_hosts {words}, request {'f' * 32})"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(b"{"), "no valid JSON"),
        (Said(b'{"result": NaN}'), "no valid JSON"),
        (Said(b"\xff\xfe"), "no valid JSON"),
        (Said(b"[" * 100_000), "nested too deep"),
        (Said(b'{"a":' * 300 + b"1" + b"}" * 300), "nested deeper"),
        (Said(b'"' + b"x" * 5_000_000 + b'"'), "more than 4194304 bytes"),
        (Said({"result": True, "data": {"info": []}}), "component.outputs.host_id can't be filled in"),
        (Said({"data": {}}), "component.success can't be decided"),
        (Said({"result": "yes"}), "failed"),
        (Said(b""), "component.success can't be decided"),
    ],
)
async def test_an_answer_that_cannot_be_used_fails_the_node_with_a_reason(
    house: MarketplaceHouse, gateway: ScriptedGateway, said: Said, words: str
) -> None:
    gateway.answers[HOSTS] = said
    assert words in await _error(house)


async def test_texts_that_no_database_takes_are_made_storable(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    raw = b'{"result": true, "data": {"info": [{"bk_host_id": "a\\u0000b\\ud800c"}]}}'
    gateway.answers[HOSTS] = Said(raw)
    assert (await _find(house)).outputs == {"host_id": "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"}


@pytest.mark.parametrize("status", [429, 503])
async def test_a_gateway_that_is_not_ready_is_asked_again_later(
    house: MarketplaceHouse, gateway: ScriptedGateway, status: int
) -> None:
    gateway.answers[HOSTS] = gateway_error(status)
    with pytest.raises(PluginUnavailable):
        await _find(house)


async def test_a_system_that_says_when_to_ask_again_is_asked_again(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[HOSTS] = Said({"message": "restarting"}, 503, {"retry-after": "1"})
    with pytest.raises(PluginUnavailable):
        await _find(house)


async def test_a_gateway_that_is_away_is_asked_again_later(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    gateway.answers[HOSTS] = FOUND
    await _find(house)
    await gateway.stop()
    with pytest.raises(PluginUnavailable):
        await _find(house)


async def test_a_gateway_that_dies_before_it_answers_is_asked_again_later(
    house: MarketplaceHouse, clock: ManualClock
) -> None:
    client = TransportClient(AddressPolicy.allowing(networks=["127.0.0.0/8"]))

    async def die(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read(100)

    async with listening(die) as port:
        invoker = GatewayPluginInvoker(
            InstalledVersions(house.database, house.unit.manifests),
            CallableComponents(house.database, house.components),
            TaskTokens(house.tokens, clock),
            house.secrets,
            GroupPeople(house.database, KeptGroups()),
            GatewayCaller(CallsOverHttp(client, f"http://127.0.0.1:{port}"), AlwaysNewest()),
        )
        with pytest.raises(PluginUnavailable):
            await invoker.execute(call_of("find_host", ["cmdb:read"], inputs={"ip": "10.0.0.1"}))
    await client.aclose()


async def test_a_token_is_kept_until_a_minute_before_it_expires(
    house: MarketplaceHouse, gateway: ScriptedGateway, clock: ManualClock
) -> None:
    gateway.answers[HOSTS] = FOUND
    house.tokens.expires_at = clock.now().timestamp() + 300
    await asyncio.gather(_find(house), _find(house))
    clock.advance(seconds=239)
    await _find(house)
    assert len(house.tokens.minted) == 1
    clock.advance(seconds=2)
    await _find(house)
    assert len(house.tokens.minted) == 2
    await _find(house, task_id="task2")
    assert len(house.tokens.minted) == 3


async def test_a_token_the_gateway_no_longer_takes_is_replaced(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    def answer(asked: Asked) -> Said:
        return FOUND if asked.headers["authorization"] == "Bearer token-2" else gateway_error(401, "revoked")

    gateway.answers[HOSTS] = answer
    assert (await _find(house)).state is PluginState.SUCCESS
    assert house.tokens.forgotten == 1, "its key may have been withdrawn"
    gateway.answers[HOSTS] = gateway_error(401, "revoked")
    assert "revoked" in await _error(house)
    assert len(house.tokens.minted) == 4


async def test_a_token_of_the_second_in_which_all_were_ended_is_replaced_too(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    def answer(asked: Asked) -> Said:
        return FOUND if asked.headers["authorization"] == "Bearer token-3" else gateway_error(401, "revoked")

    gateway.answers[HOSTS] = answer
    assert (await _find(house)).state is PluginState.SUCCESS


async def test_a_refusal_tells_which_scopes_are_not_granted(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    house.tokens.covered = frozenset()
    gateway.answers[HOSTS] = gateway_error(403, "no permission")
    result = await _find(house)
    assert "no permission; not granted: cmdb:read (HTTP 403" in str(result.error)
    assert result.calls == (CallRecord("cmdb.list_hosts", 403, "f" * 32),)


async def test_a_grant_that_comes_later_is_used_at_the_next_try(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    house.tokens.covered = frozenset()
    gateway.answers[HOSTS] = gateway_error(403, "no permission")
    await _find(house)
    house.tokens.covered = None
    gateway.answers[HOSTS] = lambda asked: FOUND if "token-2" in asked.headers["authorization"] else gateway_error(403)
    assert (await _find(house)).state is PluginState.SUCCESS


async def test_trouble_with_the_token_is_told_or_waited_out(house: MarketplaceHouse) -> None:
    house.tokens.failure = NotFound("the service app is gone")
    assert await _error(house) == "no token for the task: the service app is gone"
    house.tokens.failure = Unavailable("no key yet")
    with pytest.raises(PluginUnavailable, match="no key yet"):
        await _find(house)


async def test_only_what_is_installed_in_the_project_runs(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    assert "not installed" in await _error(house, project_id=OTHER_PROJECT.id)
    assert "not installed" in await _error(house, version="2.0.0")
    gateway.answers[HOSTS] = FOUND
    assert (await _find(house)).state is PluginState.SUCCESS
    assert (await house.client.delete("/projects/shop/installs/find_host")).status_code == 204
    assert "not installed" in await _error(house)


async def test_a_task_without_the_scope_runs_nothing(house: MarketplaceHouse, gateway: ScriptedGateway) -> None:
    call = call_of("find_host", ["job:read"], inputs={"ip": "10.0.0.1"})
    result = await house.unit.invoker.execute(call)
    assert result.error == "the task may not use cmdb:read, which find_host 1.0.0 needs"
    assert gateway.asked == []


async def test_a_component_that_is_gone_fails_the_node(house: MarketplaceHouse) -> None:
    house.components.components.clear()
    assert "cmdb.list_hosts is not served" in await _error(house)


async def test_components_and_installs_are_looked_up_once_for_many_nodes(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[HOSTS] = FOUND
    before = house.components.lookups
    await asyncio.gather(*(_find(house) for _ in range(20)))
    assert house.components.lookups == before + 1


async def test_a_condition_that_looks_at_the_status_may_accept_an_error(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    manifest = copy.deepcopy(FIND_HOST)
    manifest["code"] = "is_gone"
    manifest["component"] |= {"success": "status == 200 || status == 404", "outputs": {}}
    await house.publish(manifest)
    await house.install("is_gone", ["cmdb:read"])
    call = call_of("is_gone", ["cmdb:read"], inputs={"ip": "10.0.0.1"})
    for said, state in ((Said({}, 404), "SUCCESS"), (Said({}, 400), "FAIL"), (gateway_error(404), "FAIL")):
        gateway.answers[HOSTS] = said
        assert (await house.unit.invoker.execute(call)).state == state


async def test_a_plugin_without_success_takes_any_status_below_400(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    manifest = copy.deepcopy(FIND_HOST)
    manifest["code"] = "plain"
    del manifest["component"]["success"]
    manifest["component"]["outputs"] = {"name": "got ${response}"}
    await house.publish(manifest)
    await house.install("plain", ["cmdb:read"])
    gateway.answers[HOSTS] = Said(b"hello", 201, {"content-type": "text/plain"})
    result = await house.unit.invoker.execute(call_of("plain", ["cmdb:read"], inputs={"ip": "10.0.0.1"}))
    assert (result.state, result.outputs) == (PluginState.SUCCESS, {"name": "got hello"})


async def test_a_component_that_needs_no_scope_is_called_with_its_own(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers["/api/open/prod/ping"] = Said({})
    house.components.components.append(ComponentDescription("open", "pong", "GET", "/pong", (), is_read=True))
    manifest = copy.deepcopy(FIND_HOST)
    manifest["code"] = "ping"
    manifest["scopes"] = [{"scope": "open.ping", "reason": {"en": "To ping.", "zh": "探测。"}}]
    manifest["component"] = {"call": {"component": "open.ping"}}
    assert (await house.publish(manifest)).status_code == 201
    await house.install("ping", ["open.ping"])
    call = replace(call_of("ping", ["open.ping"]), inputs={"ip": "10.0.0.1"})
    assert (await house.unit.invoker.execute(call)).state is PluginState.SUCCESS
    assert "content-type" not in gateway.asked[0].headers
