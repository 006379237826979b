"""Policies hold when a node runs, not only when a plugin is installed."""

from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from tests.support.marketplace import MarketplaceHouse, call_of
from tests.support.scripted_gateway import Said, ScriptedGateway

HOSTS = "/api/cmdb/prod/biz/2/hosts"


async def _run(house: MarketplaceHouse) -> PluginResult:
    return await house.unit.invoker.execute(call_of("find_host", ["cmdb:read"], inputs={"ip": "10.0.0.1"}))


@pytest.fixture
async def running(house: MarketplaceHouse, gateway: ScriptedGateway) -> MarketplaceHouse:
    """A plugin that has just run here, so that whatever is remembered of it is."""
    gateway.answers[HOSTS] = Said({"result": True, "data": {"info": [{"bk_host_id": 7}]}})
    assert (await _run(house)).state is PluginState.SUCCESS
    gateway.asked.clear()
    return house


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/projects/shop/plugin-policy", {"otherwise": "deny"}, "no rule allows it"),
        ("/plugin-policy", {"rules": [{"effect": "deny", "publishers": ["acme"], "reason": "left us"}]}, "left us"),
        (
            "/plugin-policy",
            {"rules": [{"effect": "deny", "kinds": ["component"], "scopes": ["cmdb:*"]}]},
            "rule 1 denies it",
        ),
    ],
)
async def test_a_denied_plugin_fails_its_node_and_calls_nothing(
    running: MarketplaceHouse, gateway: ScriptedGateway, path: str, body: dict[str, Any], said: str
) -> None:
    assert (await running.client.put(path, json=body)).status_code == 200
    result = await _run(running)
    assert result.state is PluginState.FAIL
    assert (result.error or "").startswith("find_host 1.0.0 may not run: ")
    assert (result.error or "").endswith(said)
    assert gateway.asked == []
    assert (await running.client.put(path, json={})).status_code == 200
    assert (await _run(running)).state is PluginState.SUCCESS


@pytest.mark.parametrize("place", ["/projects/shop/plugins", "/plugins"])
async def test_a_plugin_that_is_switched_off_fails_its_node_until_it_is_on_again(
    running: MarketplaceHouse, gateway: ScriptedGateway, place: str
) -> None:
    await running.client.post(f"{place}/find_host:disable", json={"reason": "it lies"})
    result = await _run(running)
    assert result.error == "find_host 1.0.0 may not run: find_host is switched off: it lies"
    assert gateway.asked == []
    await running.client.post(f"{place}/find_host:enable")
    assert (await _run(running)).state is PluginState.SUCCESS


async def test_a_policy_of_another_project_does_not_matter(running: MarketplaceHouse) -> None:
    await running.client.put("/projects/bank/plugin-policy", json={"otherwise": "deny"})
    await running.client.post("/projects/bank/plugins/find_host:disable", json={})
    assert (await _run(running)).state is PluginState.SUCCESS
