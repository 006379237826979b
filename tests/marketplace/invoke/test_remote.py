"""Plugins that run elsewhere: what is asked of them, and what becomes of a node when they don't answer rightly."""

from dataclasses import replace

import pytest

from kernel.contracts.components import ComponentDescription
from kernel.contracts.plugin_invoker import PluginState, PluginUnavailable
from tests.support.marketplace import PROJECT, call_of
from tests.support.packages import FIND_HOST, manifest_of
from tests.support.scripted_gateway import Said, gateway_error

TRACE = "8c41" * 8
INVOKE, SCHEDULE = "/api/greet/prod/bk_plugin/invoke/1.1.0", f"/api/greet/prod/bk_plugin/schedule/{TRACE}"
SCOPES = ["greet:run"]
MANIFEST = {name: value for name, value in FIND_HOST.items() if name not in ("component", "form")} | {
    "code": "greet",
    "kind": "remote",
    "inputs": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "pin": {"type": "string", "writeOnly": True}},
    },
    "outputs": {"type": "object", "properties": {}},
    "scopes": [{"scope": "greet:run", "reason": {"en": "To run.", "zh": "执行。"}}],
    "remote": {
        "system": "greet",
        "version": "1.1.0",
        "context": ["executor", "task_id", "plugin_callback_info", "unknown"],
    },
}  # fmt: skip
TELLING = manifest_of(MANIFEST, code="telling", remote=MANIFEST["remote"] | {"tells_end": True})
COMPONENTS = [
    ComponentDescription("greet", "invoke", "POST", "/bk_plugin/invoke/{version}", ("greet:run",), is_read=False),
    ComponentDescription("greet", "schedule", "GET", "/bk_plugin/schedule/{trace_id}", ("greet:run",), is_read=True),
]


def begun(state, outputs=None, err=None):
    data = {"outputs": outputs, "state": state, "err": err}
    return Said({"result": True, "data": data, "message": "success", "trace_id": TRACE})


def standing(state, outputs=None, err=""):
    data = {"trace_id": TRACE, "plugin_version": "1.1.0", "state": state, "outputs": outputs or {}, "err": err}
    return Said({"result": True, "data": data, "message": "", "trace_id": "f" * 32})


@pytest.fixture
async def remote(house):
    house.components.components.extend(COMPONENTS)
    house.secrets.kept[PROJECT.id, "door"] = "s3cret"
    for manifest in (MANIFEST, TELLING):
        published = await house.publish(manifest)
        assert published.status_code == 201, published.text
        assert (await house.install(manifest["code"], SCOPES)).status_code == 201
    return house.unit.invoker


@pytest.fixture
def call():
    return call_of("greet", SCOPES, inputs={"name": "${you}"})


async def waiting(remote, gateway, call):
    gateway.answers[INVOKE] = begun(2, {"count": 1})
    return replace(call, storage=(await remote.execute(call)).storage)


async def test_a_run_that_ends_at_once(remote, gateway, call):
    gateway.answers[INVOKE] = begun(4, {"greeting": "hello"})
    result = await remote.execute(call)
    assert (result.state, result.outputs) == (PluginState.SUCCESS, {"trace_id": TRACE, "greeting": "hello"})
    asked = gateway.asked[0]
    assert asked.body == {"inputs": {"name": "${you}"}, "context": {"executor": "operator", "task_id": "task1"}}
    assert asked.headers["idempotency-key"] == "run1:1"
    assert result.calls[0].component == "greet.invoke"


async def test_a_run_that_fails_at_once_says_why(remote, gateway, call):
    gateway.answers[INVOKE] = begun(5, None, "plugin execute failed: no such host")
    result = await remote.execute(call)
    assert (result.state, result.error) == (PluginState.FAIL, "greet failed: plugin execute failed: no such host")


async def test_a_run_that_goes_on_is_asked_after_until_it_ends(remote, gateway, call):
    call = await waiting(remote, gateway, call)
    gateway.answers[SCHEDULE] = standing(3, {"count": 2})
    result = await remote.poll(call)
    assert (result.state, result.poll_after_seconds, result.outputs["count"]) == (PluginState.POLL, 2, 2)
    gateway.answers[SCHEDULE] = standing(4, {"count": 3})
    result = await remote.poll(replace(call, storage=result.storage))
    assert (result.state, result.outputs) == (PluginState.SUCCESS, {"trace_id": TRACE, "count": 3})
    assert "idempotency-key" not in gateway.asked[-1].headers


async def test_polls_become_seldom(remote, gateway, call):
    call = await waiting(remote, gateway, call)
    gateway.answers[SCHEDULE] = standing(2)
    seconds = []
    for _ in range(70):
        result = await remote.poll(call)
        call = replace(call, storage=result.storage)
        seconds.append(result.poll_after_seconds)
    assert seconds == sorted(seconds)
    assert (seconds[0], seconds[20], seconds[-1]) == (2, 10, 600)


async def test_a_plugin_that_tells_its_end_is_told_where_and_asked_then(remote, gateway, call):
    call = replace(call, plugin="telling")
    gateway.answers[INVOKE] = begun(2)
    result = await remote.execute(call)
    assert (result.state, result.poll_after_seconds) == (PluginState.CALLBACK, 60)
    told = gateway.asked[-1].body["context"]["plugin_callback_info"]
    assert told == {"url": "http://trunkline/v1/callbacks/abc", "data": {}}
    gateway.answers[SCHEDULE] = standing(5, {"count": 1}, "plugin schedule failed: gone")
    result = await remote.callback(replace(call, storage=result.storage), {"anything": 1})
    assert (result.state, result.error) == (PluginState.FAIL, "telling failed: plugin schedule failed: gone")
    assert result.outputs["count"] == 1


async def test_an_end_that_was_told_falsely_ends_nothing(remote, gateway, call):
    call = replace(call, plugin="telling")
    gateway.answers[INVOKE] = begun(2)
    result = await remote.execute(call)
    gateway.answers[SCHEDULE] = standing(2)
    result = await remote.callback(replace(call, storage=result.storage), {"result": True})
    assert result.state is PluginState.CALLBACK


async def test_secrets_are_sent_and_masked(remote, gateway, call):
    gateway.answers[INVOKE] = begun(4, {"said": "s3cret"})
    result = await remote.execute(replace(call, inputs={"name": "a", "pin": "door"}))
    assert gateway.asked[0].body["inputs"] == {"name": "a", "pin": "s3cret"}
    assert result.outputs["said"] == "******"
    assert "s3cret" not in str(result)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Said({"detail": "x"}, 500), "greet.invoke failed: x (HTTP 500"),
        (Said(b"", 404, {"content-type": "text/html"}), "greet.invoke failed: it said nothing (HTTP 404"),
        (
            Said(b"This API can only be accessed through API gateway", 403, {"content-type": "text/html"}),
            "greet.invoke failed: This API can only be accessed through API gateway (HTTP 403",
        ),
        (Said({"result": False, "data": None, "message": "executor broke"}), "greet.invoke failed: executor broke"),
        (Said([1]), "greet.invoke failed"),
        (Said({"result": True, "data": None}), "greet.invoke failed"),
        (begun(9), "greet answered the state 9"),
        (Said({"result": True, "data": {"state": 2}}), "greet began a run and did not say which"),
        (gateway_error(403, "no grant"), "greet.invoke was refused by the gateway: no grant"),
        (gateway_error(504, "upstream timeout"), "greet.invoke was refused by the gateway: upstream timeout"),
    ],
)
async def test_an_invocation_that_is_not_answered_as_it_should_fails_the_node(remote, gateway, call, answer, error):
    gateway.answers[INVOKE] = answer
    result = await remote.execute(call)
    assert result.state is PluginState.FAIL
    assert result.error.startswith(error)
    assert result.answered is (answer.status in {403, 404})
    is_asked_again = answer == gateway_error(403, "no grant")
    assert len(gateway.asked) == (2 if is_asked_again else 1)


async def test_a_run_the_plugin_has_forgotten_fails(remote, gateway, call):
    call = await waiting(remote, gateway, call)
    message = f"can not find schedule for trace_id {TRACE}"
    gateway.answers[SCHEDULE] = Said({"result": False, "data": None, "message": message, "trace_id": "f" * 32})
    result = await remote.poll(call)
    assert (result.state, message in result.error) == (PluginState.FAIL, True)


async def test_a_plugin_that_is_started_again_is_waited_for(remote, gateway, call):
    call = await waiting(remote, gateway, call)
    for answer in [gateway_error(502, "connection refused")] * 9 + [Said({"detail": "x"}, 500), standing(4)]:
        gateway.answers[SCHEDULE] = answer
        result = await remote.poll(call)
        call = replace(call, storage=result.storage)
    assert result.state is PluginState.SUCCESS


async def test_a_plugin_that_stays_away_fails_the_node(remote, gateway, call):
    call = await waiting(remote, gateway, call)
    gateway.answers[SCHEDULE] = gateway_error(502, "connection refused")
    for _ in range(11):
        result = await remote.poll(call)
        call = replace(call, storage=result.storage)
    assert (result.state, result.answered) == (PluginState.FAIL, False)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_gateway_that_is_away_for_the_moment_is_tried_again(remote, gateway, call, status):
    gateway.answers[INVOKE] = gateway_error(status)
    with pytest.raises(PluginUnavailable):
        await remote.execute(call)
