"""Runs of drafts that call nothing, nodes tried alone, and outputs taken from earlier tasks."""

from typing import Any

import pytest
from sqlalchemy import update

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.secret_handles import MASK, handle_of
from orchestrator.runtime.models import NodeRun
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}
FLOW = flow_of(
    plugin_node("first", "echo", inputs={"n": "${inputs.n}"}),
    plugin_node("second", "echo", inputs={"seen": "${nodes.first.outputs.n}"}),
    form=FORM,
    outputs={"seen": "${nodes.second.outputs.seen}"},
)


async def _mock(house: OrchestratorHouse, flow: str, by: str = "dev", **body: Any) -> Any:
    sent = {"inputs": {"n": 1}} | body
    return await house.client.post(f"/flows/{flow}:mock-run", json=sent, headers=as_user(by))


async def test_a_mock_run_of_a_draft_calls_nothing_and_says_what_it_is(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.make_flow(FLOW)
    made = await _mock(house, flow, nodes={"first": {"outputs": {"n": 7}}, "second": {"outputs": {"seen": "made up"}}})
    assert made.status_code == 201, made.text
    task = await house.until(made.json()["id"], "FINISHED")
    assert (task["outputs"], task["origin"], task["origin_id"], task["revision"]) == (
        {"seen": "made up"},
        "mock",
        flow,
        0,
    )
    assert house.invoker.calls == []
    second = (await house.client.get(f"/tasks/{task['id']}/nodes/second")).json()["runs"][0]
    assert (second["inputs"], second["calls"]) == ({"seen": 7}, [])
    assert "mock" in second["log"][0]["message"]
    assert (await house.client.get(f"/flows/{flow}/last-inputs", headers=as_user("dev"))).status_code == 404


async def test_a_node_that_is_to_fail_fails_and_can_be_retried_and_skipped(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.make_flow(FLOW)
    nodes = {"first": {"error": "no such host"}, "second": {"outputs": {"seen": 1}}}
    task = (await _mock(house, flow, nodes=nodes)).json()["id"]
    failed = await house.until(task, "FAILED")
    assert failed["nodes"]["first"]["error"] == "no such host"
    assert (await house.client.post(f"/tasks/{task}/nodes/first:retry")).json()["state"] == "FAILED"


async def test_a_real_node_is_called_only_with_consent_and_the_right_to_publish(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    flow = await house.make_flow(FLOW)
    nodes = {"first": {"mode": "real"}}
    refused = await _mock(house, flow, nodes=nodes)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "consent")
    house.authorizer.allow("kim", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_EDIT, Action.FLOW_LAUNCH)
    assert (await _mock(house, flow, by="kim", nodes=nodes, consent=True)).status_code == 403
    assert (await _mock(house, flow, by="kim")).status_code == 201
    task = (await _mock(house, flow, nodes=nodes, consent=True)).json()["id"]
    assert (await house.until(task, "FINISHED"))["outputs"] == {"seen": None}  # the second node gave nothing
    assert [call.plugin for _, call in house.invoker.calls] == ["echo"]
    assert house.invoker.calls[0][1].scopes == frozenset({"echo:use"})


async def test_nodes_of_flows_inside_are_answered_by_their_path(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(flow_of(plugin_node("df", "check"), outputs={"free": "${nodes.df.outputs.free}"}))
    outer = flow_of(
        {"id": "check", "kind": "subflow", "flow": inner, "inputs": {}},
        outputs={"free": "${nodes.check.outputs.free}"},
    )
    flow = await house.make_flow(outer)
    made = await _mock(house, flow, inputs={}, nodes={"check.df": {"outputs": {"free": 5}}})
    assert made.status_code == 201, made.text
    assert (await house.until(made.json()["id"], "FINISHED"))["outputs"] == {"free": 5}
    assert house.invoker.calls == []
    refused = await _mock(house, flow, inputs={}, nodes={"check.gone": {}, "check": {}})
    assert [error["field"] for error in refused.json()["errors"]] == ["/nodes/check.gone", "/nodes/check"]


async def test_nodes_that_tell_people_something_tell_nobody(running_house: OrchestratorHouse) -> None:
    house = running_house
    told = {"id": "tell", "kind": "notify", "title": "Done", "people": ["kim"]}
    flow = await house.make_flow(flow_of(told))
    made = await _mock(house, flow, inputs={})
    assert made.status_code == 201, made.text
    await house.until(made.json()["id"], "FINISHED")
    assert (house.invoker.calls, house.components.calls) == ([], [])


async def test_one_node_is_tried_alone_with_given_inputs(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.make_flow(FLOW)
    place = f"/flows/{flow}/nodes/first:try"
    assert (await house.client.post(place, json={"inputs": {"n": 3}}, headers=as_user("dev"))).status_code == 422
    body = {"inputs": {"n": 3, "text": "${inputs.n}"}, "consent": True}
    made = await house.client.post(place, json=body, headers=as_user("dev"))
    assert made.status_code == 201, made.text
    task = await house.until(made.json()["id"], "FINISHED")
    assert task["outputs"] == {"outputs": {"n": 3, "text": "${inputs.n}"}}
    assert task["origin"] == "mock"
    gone = await house.client.post(f"/flows/{flow}/nodes/start:try", json=body, headers=as_user("dev"))
    assert gone.status_code == 404
    assert (await house.client.post(place, json=body, headers=as_user("viewer"))).status_code == 403


async def test_a_secret_is_not_filled_in_where_people_would_read_it(running_house: OrchestratorHouse) -> None:
    house = running_house
    schema = {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}}
    house.plugins.by_project[PROJECT.id].append(plugin("login", schema))
    flow = await house.make_flow(flow_of(plugin_node("first", "login", inputs={"key": "deploy-key"})))
    place = f"/flows/{flow}/nodes/first:try"
    refused = await house.client.post(place, json={"inputs": {"key": "s3cret"}, "consent": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/key")
    for inputs in ({}, {"key": "deploy-key"}):
        assert (await house.client.post(place, json={"inputs": inputs, "consent": True})).status_code == 201


async def test_secrets_are_hidden_in_outputs_of_past_tasks(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.publish(FLOW)
    task = (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"n": 1}})).json()["id"]
    await house.until(task, "FINISHED")
    async with house.database.unit_of_work() as session:
        await session.execute(update(NodeRun).values(outputs={"echo": handle_of("a" * 32)}))
    found = (await house.client.get(f"/flows/{flow}/recorded-outputs", headers=as_user("dev"))).json()["nodes"]
    assert found["first"][0]["outputs"] == {"echo": MASK}


async def test_outputs_of_past_tasks_are_offered_and_none_of_mock_runs(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.publish(FLOW)
    for n in (1, 2):
        task = (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"n": n}})).json()["id"]
        await house.until(task, "FINISHED")
    await house.until(
        (await _mock(house, flow, nodes={"first": {"outputs": {"n": 9}}, "second": {"outputs": {"seen": 9}}})).json()[
            "id"
        ],
        "FINISHED",
    )
    found = (await house.client.get(f"/flows/{flow}/recorded-outputs", headers=as_user("dev"))).json()["nodes"]
    assert [each["outputs"] for each in found["first"]] == [{"n": 2}, {"n": 1}]
    assert (await house.client.get(f"/flows/{flow}/recorded-outputs", headers=as_user("viewer"))).status_code == 403


@pytest.mark.parametrize("body", [{"inputs": {}}, {"nodes": {"first": {"mode": "maybe"}}}, {"nodes": {"gone": {}}}])
async def test_what_does_not_fit_the_draft_is_refused(running_house: OrchestratorHouse, body: dict[str, Any]) -> None:
    flow = await running_house.make_flow(FLOW)
    assert (await _mock(running_house, flow, **body)).status_code == 422


async def test_no_flow_can_be_kept_with_a_mock_in_it(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.make_flow()
    mocked = flow_of(plugin_node("first", "echo", mock={"outputs": {}}))
    saved = await house.client.put(f"/flows/{flow}/draft", json={"definition": mocked, "draft_version": 1})
    assert (saved.status_code, saved.json()["errors"][0]["field"]) == (422, "definition.nodes[1].mock")


async def test_a_mock_run_waits_for_no_lock_but_where_it_really_calls(running_house: OrchestratorHouse) -> None:
    house = running_house
    lock = {"key": "one at a time", "limit": 1}
    inner = await house.publish(flow_of(plugin_node("df", "echo", lock=lock)), "inner")
    nodes = [
        plugin_node("first", "echo", lock=lock),
        {"id": "check", "kind": "subflow", "flow": inner, "inputs": {}, "lock": lock},
    ]
    flow = await house.make_flow(flow_of(*nodes))
    held = await house.launch(flow_of({"id": "hold", "kind": "confirm", "message": "?", "lock": lock}))
    await house.until(held, "WAITING_DECISION", "hold")
    made = (await _mock(house, flow, inputs={})).json()["id"]
    await house.until(made, "FINISHED")
    real = {"check.df": {"mode": "real"}}
    waits = (await _mock(house, flow, inputs={}, nodes=real, consent=True)).json()["id"]
    await house.until(waits, "WAITING_LOCK", "check")
    assert (await house.task(waits))["nodes"]["first"]["state"] == "FINISHED"
