"""Tasks that are run again from a node in a subflow, over the API and on both databases."""

from typing import Any

import httpx

from orchestrator.tasks.repository import ended_at, entered_around
from tests.orchestrator.secret_inputs.test_secret_inputs import everything_kept
from tests.support.orchestrator import OrchestratorHouse, flow_of, plugin_node

SECRET = "correct horse battery"
FORM = {
    "schema": {
        "type": "object",
        "properties": {"host": {"type": "string"}, "password": {"type": "string", "writeOnly": True}},
    }
}


def inner(mend: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    look = plugin_node("look", inputs={"said": "${inputs.host}"})
    return flow_of(look, mend, *more, form=FORM, outputs={"said": "${nodes.look.outputs.said} at ${inputs.host}"})


def outer(flow: str, said: str = "db1", **settings: Any) -> dict[str, Any]:
    called = {"id": "sub", "kind": "subflow", "flow": flow, "revision": 1}
    called |= {"inputs": {"host": "${nodes.first.outputs.said}"}, **settings}
    after = plugin_node("after", inputs={"said": "${nodes.sub.outputs.said}"})
    return flow_of(plugin_node("first", inputs={"said": said}), called, after)


BROKEN = plugin_node("mend", "check")
MENDED = plugin_node("mend", inputs={"said": "${nodes.look.outputs.said} mended"})


async def _correct(house: OrchestratorHouse, flow: str, definition: dict[str, Any]) -> None:
    draft = (await house.client.get(f"/flows/{flow}")).json()["draft_version"]
    body = {"definition": definition, "draft_version": draft}
    assert (await house.client.put(f"/flows/{flow}/draft", json=body)).status_code == 200
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201


async def _failed(house: OrchestratorHouse, flow: str) -> str:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={})
    return str((await house.until(launched.json()["id"], "FAILED"))["id"])


async def _rerun(house: OrchestratorHouse, task: str, node: str = "sub.mend", **body: Any) -> httpx.Response:
    return await house.client.post(f"/tasks/{task}:rerun", json={"node": node, **body})


async def _said(house: OrchestratorHouse, task: str, node: str) -> Any:
    return (await house.client.get(f"/tasks/{task}/nodes/{node}")).json()["runs"][-1]["outputs"]["said"]


async def test_a_corrected_subflow_goes_on_where_it_failed_and_ends_as_a_whole_one(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    called = await house.publish(inner(BROKEN))
    flow = await house.publish(outer(called))
    failed = await _failed(house, flow)
    await _correct(house, called, inner(MENDED))
    await _correct(house, flow, outer(called, "db2", revision=2))
    begun = await _rerun(house, failed, revision=2)
    assert begun.status_code == 201, begun.text
    task = await house.until(begun.json()["id"], "FINISHED")
    attempts = {name: task["nodes"][name]["attempt"] for name in ("first", "sub", "sub.look", "sub.mend", "after")}
    assert attempts == {"first": 0, "sub": 1, "sub.look": 0, "sub.mend": 1, "after": 1}
    assert (await _said(house, task["id"], "sub.mend"), await _said(house, task["id"], "after")) == (
        "db1 mended",
        "db1 at db1",
    )


async def test_what_was_run_again_is_run_again_once_more(running_house: OrchestratorHouse) -> None:
    house = running_house
    called = await house.publish(inner(BROKEN))
    task = await _failed(house, await house.publish(outer(called)))
    for _ in range(2):
        begun = await _rerun(house, task)
        assert begun.status_code == 201, begun.text
        task = begun.json()["id"]
        view = await house.until(task, "FAILED")
        assert (view["nodes"]["sub.look"]["attempt"], view["nodes"]["sub.mend"]["attempt"]) == (0, 1)
    assert house.invoker.executed() == ["echo", "echo", "check", "check", "check"]


async def test_a_node_that_the_corrected_subflow_has_no_more_is_named(running_house: OrchestratorHouse) -> None:
    house = running_house
    called = await house.publish(inner(BROKEN))
    flow = await house.publish(outer(called))
    failed = await _failed(house, flow)
    await _correct(house, called, inner({**MENDED, "id": "repair"}))
    await _correct(house, flow, outer(called, revision=2))
    refused = await _rerun(house, failed, revision=2)
    assert (refused.status_code, refused.json()["code"]) == (422, "nodes_refused")
    assert refused.json()["errors"][0]["problem"] == "sub has no node 'mend' inside"
    assert (await _rerun(house, failed, "sub\x00.mend")).status_code == 422


async def test_only_the_last_pass_of_a_subflow_in_a_loop_counts(running_house: OrchestratorHouse) -> None:
    house = running_house
    mend = plugin_node("mend", "check", inputs={"ok": "${inputs.ok}"})
    tell = plugin_node("tell", inputs={"said": "told"})
    form = {"schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}}}
    called = await house.publish(flow_of(mend, tell, form=form))
    count = {"id": "count", "kind": "expression", "values": {"first": "!has(nodes.count)"}}
    sub = {"id": "sub", "kind": "subflow", "flow": called, "inputs": {"ok": "${nodes.count.outputs.first}"}}
    how = {"id": "how", "kind": "exclusive"}
    edges = ["start>count", "count>sub", "sub>how", "how>count?nodes.sub.loop < 2", "how>end?"]
    failed = await _failed(house, await house.publish(flow_of(count, sub, how, edges=edges)))
    async with house.database.reading() as session:
        earlier = await ended_at(session, failed)
        entered = await entered_around(session, failed, "sub.mend")
        nowhere = await entered_around(session, failed, "sub")
    assert set(earlier) == {"start", "count", "how", "sub.start"}
    assert (entered, nowhere) == ({"sub": {"ok": False}}, {})


async def test_the_flow_inside_keeps_the_secrets_it_was_given(running_house: OrchestratorHouse) -> None:
    house = running_house
    log_in = plugin_node("log_in", inputs={"line": "-p ${inputs.password}"})
    called = await house.publish(inner(BROKEN, log_in))
    given = {"host": "db1", "password": "${inputs.password}"}
    flow = await house.publish(outer(called, inputs=given) | {"form": FORM})
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"password": SECRET}})
    failed = (await house.until(launched.json()["id"], "FAILED"))["id"]
    await _correct(house, called, inner(MENDED, log_in))
    await _correct(house, flow, outer(called, inputs=given, revision=2) | {"form": FORM})
    begun = await _rerun(house, failed, revision=2, inputs={"password": "changed since"})
    await house.until(begun.json()["id"], "FINISHED")
    assert [list(call.secrets.values()) for _, call in house.invoker.calls if "line" in call.inputs] == [[SECRET]]
    assert SECRET not in await everything_kept(house.database)
