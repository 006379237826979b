"""What a review learns from steps that only read: asked before a task is made, and nothing changes by it."""

from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginCall
from orchestrator.launch.foresight import Foresight
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

FORM = {
    "schema": {"type": "object", "properties": {"ip": {"type": "string"}, "key": {"type": "string", "writeOnly": True}}}
}


@pytest.fixture
def shop(house: OrchestratorHouse) -> OrchestratorHouse:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    return house


async def _review(house: OrchestratorHouse, *nodes: dict[str, Any], **body: Any) -> dict[str, dict[str, Any]]:
    """Node → what is told of it, to somebody who may launch the flow and nothing else."""
    flow = await house.publish(flow_of(*nodes, form=FORM))
    await house.client.put(f"/flows/{flow}/launchers/lee")
    given = {"inputs": {"ip": "10.0.0.1"}, **body}
    answered = await house.client.post(f"/flows/{flow}:review", json=given, headers=as_user("lee"))
    assert answered.status_code == 200, answered.text
    return {step["node_id"]: step for step in answered.json()["steps"]}


def _asked(house: OrchestratorHouse) -> list[PluginCall]:
    return [call for _, call in house.invoker.calls]


async def test_a_value_that_is_looked_up_is_shown_before_the_run_and_where_it_goes(shop: OrchestratorHouse) -> None:
    steps = await _review(
        shop,
        plugin_node("hosts", "look", inputs={"ips": ["${inputs.ip}", "10.0.0.2"]}),
        plugin_node("names", "look", inputs={"of": "${nodes.hosts.outputs.ips[1]}"}),
        plugin_node("run", "echo", inputs={"on": "${nodes.hosts.outputs.ips}", "as": "${nodes.names.outputs.of}"}),
    )
    assert steps["hosts"]["outputs"] == {"ips": ["10.0.0.1", "10.0.0.2"]}
    assert steps["names"]["outputs"] == {"of": "10.0.0.2"}
    assert steps["run"]["inputs"] == {"on": ["10.0.0.1", "10.0.0.2"], "as": "10.0.0.2"}
    assert (steps["run"]["outputs"], steps["run"]["waits_for"], steps["run"]["error"]) == (None, [], "")
    asked = _asked(shop)
    assert [(call.plugin, call.reads_only, call.on_behalf_of) for call in asked] == [("look", True, "lee")] * 2
    assert {call.scopes for call in asked} == {frozenset({"look:use", "echo:use"})}


async def test_what_comes_after_a_change_or_needs_a_secret_is_not_asked(shop: OrchestratorHouse) -> None:
    steps = await _review(
        shop,
        plugin_node("secret", "look", inputs={"key": "on ${inputs.key}"}, optional=True),
        plugin_node("move", "echo", inputs={"host": "${inputs.ip}"}),
        plugin_node("where", "look", inputs={"ip": "${inputs.ip}"}),
        inputs={"ip": "10.0.0.1", "key": "prod"},
    )
    assert [step["outputs"] for step in steps.values()] == [None, None, None]
    assert _asked(shop) == []


async def test_a_step_that_is_left_out_is_not_asked_and_changes_nothing(shop: OrchestratorHouse) -> None:
    steps = await _review(
        shop,
        plugin_node("move", "echo", optional=True),
        plugin_node("where", "look", inputs={"ip": "${inputs.ip}"}),
        leave_out=["move"],
    )
    assert steps["where"]["outputs"] == {"ip": "10.0.0.1"}


async def test_steps_of_flows_inside_are_asked_with_what_these_are_given(shop: OrchestratorHouse) -> None:
    fields = {"of": {"type": "string"}, "times": {"type": "integer", "default": 2}}
    form = {"schema": {"type": "object", "properties": fields}}
    find = plugin_node("find", "look", inputs={"ip": "${inputs.of}", "n": "${inputs.times}"}, name="Find")
    reads = await shop.publish(flow_of(find, form=form, outputs={"ip": "${nodes.find.outputs.ip}"}), "Reads")
    changes = await shop.publish(
        flow_of(find, plugin_node("move"), plugin_node("then", "look", inputs={}), form=form), "Changes"
    )
    steps = await _review(
        shop,
        {"id": "first", "kind": "subflow", "flow": reads, "inputs": {"of": "${inputs.ip}"}, "name": "First"},
        {"id": "second", "kind": "subflow", "flow": changes, "inputs": {"of": "${nodes.first.outputs.ip}"}},
        plugin_node("last", "look", inputs={}),
    )
    assert list(steps) == ["first", "first.find", "second", "second.find", "last"]
    assert (steps["first.find"]["name"], steps["first.find"]["inputs"]) == ("First / Find", {"ip": "10.0.0.1", "n": 2})
    assert steps["first"]["outputs"] == {"ip": "10.0.0.1"}
    assert steps["second"]["inputs"] == {"of": "10.0.0.1"}
    assert (steps["second"]["outputs"], steps["last"]["outputs"]) == (None, None)
    assert len(_asked(shop)) == 2


async def test_a_flow_inside_that_takes_no_such_inputs_says_so(shop: OrchestratorHouse) -> None:
    form = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    inner = await shop.publish(flow_of(plugin_node("find", "look", inputs={}), form=form), "Inner")
    steps = await _review(shop, {"id": "in", "kind": "subflow", "flow": inner, "inputs": {"n": "${inputs.ip}"}})
    assert "/inputs/n" in steps["in"]["error"]
    assert _asked(shop) == []


async def test_why_a_value_is_not_there_is_told_and_the_rest_is_shown(shop: OrchestratorHouse) -> None:
    steps = await _review(
        shop,
        plugin_node("gone", "look", inputs={"error": "no such host"}),
        plugin_node("after", "look", inputs={"of": "${nodes.gone.outputs.ip}"}),
    )
    assert (steps["gone"]["error"], steps["gone"]["outputs"]) == ("no such host", None)
    assert (steps["after"]["error"], steps["after"]["waits_for"]) == ("", ["nodes.gone.outputs.ip"])


async def test_who_does_not_answer_keeps_nobody_waiting(shop: OrchestratorHouse) -> None:
    shop.unit.foresight = Foresight(shop.invoker, seconds=0.05)
    steps = await _review(shop, plugin_node("slow", "look", inputs={"hold": True}))
    assert steps["slow"]["error"] == "there was no answer within 0.05 s"
