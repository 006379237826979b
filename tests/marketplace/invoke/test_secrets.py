"""Secrets reach the bodies of calls and nothing that is kept."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState, PluginUnavailable
from kernel.secret_handles import handle_of
from kernel.secret_sources.errors import SecretUnavailable
from tests.support.marketplace import OTHER_PROJECT, PROJECT, MarketplaceHouse, call_of
from tests.support.packages import RUN_SCRIPT
from tests.support.scripted_gateway import Asked, Said, ScriptedGateway

EXECUTE, STATUS, LOG = "/api/job/prod/execute", "/api/job/prod/status", "/api/job/prod/log"
SCOPES = ["job:execute", "job:read"]
SECRET = 'hush "hush"\nhush'


def manifest() -> dict[str, Any]:
    made = copy.deepcopy(RUN_SCRIPT)
    made["code"] = "deploy"
    made["inputs"]["properties"] |= {
        "token": {"type": "string", "writeOnly": True},
        "other": {"type": "string", "writeOnly": True},
    }
    made["component"]["call"]["body"] |= {"token": "${inputs.token}", "line": "token=${inputs.token}"}
    return made


@pytest.fixture
async def house(house: MarketplaceHouse) -> MarketplaceHouse:
    """With a plugin that takes a secret, and a secret of the project's."""
    published = await house.publish(manifest())
    assert published.status_code == 201, published.text
    assert (await house.install("deploy", SCOPES)).status_code == 201
    house.secrets.kept[PROJECT.id, "deploy-token"] = SECRET
    return house


def call(**inputs: Any) -> PluginCall:
    return call_of("deploy", SCOPES, inputs={"script": "df", **inputs})


async def execute(house: MarketplaceHouse, **inputs: Any) -> PluginResult:
    return await house.unit.invoker.execute(call(**inputs))


async def test_the_body_carries_the_secret_and_what_is_kept_its_name(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    asked = call(token="deploy-token")
    result = await house.unit.invoker.execute(asked)
    assert result.state is PluginState.CALLBACK
    (sent,) = gateway.asked
    assert (sent.body["token"], sent.body["line"]) == (SECRET, f"token={SECRET}")
    assert "other" not in sent.body
    assert "hush" not in repr(result) + repr(asked)


async def test_a_secret_that_was_filled_in_stands_in_the_body_in_place_of_its_handle(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    def echo(asked: Asked) -> Said:
        return Said({"result": False, "message": f"no such token {asked.body['token']}"})

    gateway.answers[EXECUTE] = echo
    handle = handle_of("0" * 32)
    asked = replace(call(token=handle, script=f"login {handle}"), secrets={handle: SECRET})
    result = await house.unit.invoker.execute(asked)
    (sent,) = gateway.asked
    assert (sent.body["token"], sent.body["line"]) == (SECRET, f"token={SECRET}")
    assert sent.body["script"] == f"login {SECRET}"
    assert "no such token ******" in (result.error or "")
    assert "hush" not in repr(result) + repr(asked)


async def test_a_secret_that_comes_back_is_taken_out_of_what_is_kept(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    def echo(asked: Asked) -> Said:
        return Said({"result": False, "message": f"no such token {asked.body['token']}, of {json.dumps(asked.body)}"})

    gateway.answers[EXECUTE] = echo
    refused = await execute(house, token="deploy-token")
    assert refused.error is not None
    assert "no such token ******" in refused.error
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    started = await execute(house, token="deploy-token")
    gateway.answers[STATUS] = Said({"data": {"finished": True, "status": 3, "exit": 0}})
    gateway.answers[LOG] = Said({"data": {"log": f"+ login {SECRET}\nbye"}})
    ended = await house.unit.invoker.poll(replace(call(token="deploy-token"), storage=started.storage))
    assert ended.outputs["log"] == "+ login ******\nbye"
    assert "hush" not in repr(refused) + repr(started) + repr(ended)


async def test_a_callback_that_holds_the_secret_is_kept_without_it(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    gateway.answers[LOG] = Said({"data": {"log": "bye"}})
    started = await execute(house, token="deploy-token")
    waiting = replace(call(token="deploy-token"), storage=started.storage)
    ended = await house.unit.invoker.callback(waiting, {"status": 3, "exit": 0, "said": SECRET, SECRET: 1})
    assert "hush" not in repr(ended)


async def test_a_name_that_the_project_does_not_have_calls_nothing(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    house.secrets.kept[OTHER_PROJECT.id, "theirs"] = "hush"
    for name in ("theirs", "bank/theirs", "missing"):
        result = await execute(house, token=name)
        assert result.state is PluginState.FAIL
        assert result.error == f"the project has no secret {name} (input token); keep it and retry"
    assert gateway.asked == []


async def test_an_input_without_the_mark_never_becomes_a_secret(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    await house.unit.invoker.execute(call_of("run_script", SCOPES, inputs={"script": "deploy-token"}))
    assert gateway.asked[0].body["script"] == "deploy-token"


async def test_an_optional_secret_that_is_not_given_is_left_out(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    await execute(house)
    assert "token" not in gateway.asked[0].body


async def test_a_source_that_is_away_is_waited_for_and_one_that_has_nothing_fails_the_node(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    house.secrets.failure = SecretUnavailable("the secret deploy-token: the server is sealed", temporary=True)
    with pytest.raises(PluginUnavailable, match="sealed"):
        await execute(house, token="deploy-token")
    house.secrets.failure = SecretUnavailable("the secret deploy-token: there is none at this path")
    result = await execute(house, token="deploy-token")
    assert (result.state, result.error) == (PluginState.FAIL, "the secret deploy-token: there is none at this path")
    assert gateway.asked == []


async def test_a_plugin_that_fills_in_the_name_itself_gets_no_secret(
    house: MarketplaceHouse, gateway: ScriptedGateway
) -> None:
    sly = manifest() | {"code": "sly"}
    sly["inputs"]["allOf"] = [{"properties": {"token": {"default": "deploy-token"}}}]
    assert (await house.publish(sly)).status_code == 201
    await house.install("sly", SCOPES)
    gateway.answers[EXECUTE] = Said({"result": True, "data": {"id": 5}})
    await house.unit.invoker.execute(call_of("sly", SCOPES, inputs={"script": "df"}))
    assert "hush" not in str(gateway.asked)
