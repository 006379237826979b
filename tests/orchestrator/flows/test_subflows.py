"""Flows inside flows: what may be published, what a task is made of, and how it runs."""

from typing import Any

import pytest

from orchestrator.flows import composition
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

FORM = {"schema": {"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"]}}


def look(said: str = "${inputs.host}", plugin: str = "echo") -> dict[str, Any]:
    node = plugin_node("look", plugin, inputs={"said": said, "ok": False})
    return flow_of(node, form=FORM, outputs={"said": "${nodes.look.outputs.said}"})


def calling(flow: str, kind: str = "subflow", **settings: Any) -> dict[str, Any]:
    node = {"id": "sub", "kind": kind, "flow": flow, "inputs": {"host": "x"}, **settings}
    return flow_of(node, plugin_node("after", inputs={"got": "${nodes.sub.outputs}"}))


async def _publish(house: OrchestratorHouse, flow: str, definition: dict[str, Any], version: int) -> int:
    saved = await house.client.put(f"/flows/{flow}/draft", json={"definition": definition, "draft_version": version})
    assert saved.status_code == 200, saved.text
    published = await house.client.post(f"/flows/{flow}:publish")
    assert published.status_code == 201, published.text
    number: int = published.json()["number"]
    return number


async def _refused(house: OrchestratorHouse, flow: str, definition: dict[str, Any]) -> str:
    version = (await house.client.get(f"/flows/{flow}")).json()["draft_version"]
    await house.client.put(f"/flows/{flow}/draft", json={"definition": definition, "draft_version": version})
    answer = await house.client.post(f"/flows/{flow}:publish")
    assert (answer.status_code, answer.json()["code"]) == (422, "flow_refused"), answer.text
    detail: str = answer.json()["detail"]
    return detail


async def test_a_task_runs_the_pinned_revision_or_the_latest_and_each_is_what_it_was_at_launch(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    inner = await house.publish(look("first"))
    latest, pinned = await house.publish(calling(inner)), await house.publish(calling(inner, revision=1))
    await _publish(house, inner, look("second"), 2)
    seen = {}
    for flow in (latest, pinned):
        task = (await house.client.post(f"/flows/{flow}/tasks", json={})).json()["id"]
        view = await house.until(task, "FINISHED")
        assert view["nodes"]["sub.look"]["state"] == "FINISHED"
        (run,) = (await house.client.get(f"/tasks/{task}/nodes/after")).json()["runs"]
        seen[flow] = run["inputs"]["got"]
    assert seen == {latest: {"said": "second"}, pinned: {"said": "first"}}
    assert list(view["definition"]["subflows"]) == [f"{inner}@1"]


async def test_a_node_inside_is_retried_by_its_path_and_survives_a_restart(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(look(plugin="check"))
    flow = await house.publish(calling(inner))
    task = (await house.client.post(f"/flows/{flow}/tasks", json={})).json()["id"]
    view = await house.until(task, "FAILED")
    assert (view["nodes"]["sub"]["state"], view["nodes"]["sub.look"]["state"]) == ("RUNNING", "FAILED")
    await house.unit.stop()
    successor = house.successor()
    house.app.state.orchestrator = successor
    await successor.start()
    nowhere = await house.client.post(f"/tasks/{task}/nodes/sub.nowhere:retry")
    assert nowhere.status_code == 404
    retried = await house.client.post(f"/tasks/{task}/nodes/sub.look:retry", json={"inputs": {"ok": True}})
    assert retried.status_code == 200, retried.text
    view = await house.until(task, "FINISHED")
    assert (view["nodes"]["sub.look"]["attempt"], view["nodes"]["sub"]["state"]) == (2, "FINISHED")
    await successor.stop()


async def test_a_stuck_subflow_is_retried_or_skipped_as_a_whole(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(look(plugin="check"))
    flow = await house.publish(flow_of({"id": "sub", "kind": "subflow", "flow": inner, "inputs": {"host": "x"}}))
    task = (await house.client.post(f"/flows/{flow}/tasks", json={})).json()["id"]
    await house.until(task, "FAILED")
    assert (await house.client.post(f"/tasks/{task}/nodes/sub:retry", headers=as_user("dev"))).status_code == 200
    await house.until(task, "FAILED")
    view = await house.task(task)
    assert (view["nodes"]["sub"]["attempt"], view["nodes"]["sub.look"]["attempt"]) == (2, 1)
    assert (await house.client.post(f"/tasks/{task}/nodes/sub:skip", headers=as_user("dev"))).status_code == 200
    view = await house.until(task, "FINISHED")
    assert view["nodes"]["sub"]["state"] == "SKIPPED"


async def test_each_item_of_a_list_is_run_and_one_that_fails_is_mended_alone(running_house: OrchestratorHouse) -> None:
    house = running_house
    node = plugin_node("look", "check", inputs={"ok": "${inputs.ok}"})
    form = {"schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}}}
    inner = await house.publish(flow_of(node, form=form, outputs={"done": "${nodes.look.outputs.checked}"}))
    flow = await house.publish(
        flow_of(
            {"id": "each", "kind": "map", "flow": inner, "items": [True, False, True], "parallel": 2}
            | {"inputs": {"ok": "${item}"}},
            outputs={"all": "${nodes.each.outputs.items}"},
        )
    )
    task = (await house.client.post(f"/flows/{flow}/tasks", json={})).json()["id"]
    await house.until(task, "FAILED")
    mended = await house.client.post(f"/tasks/{task}/nodes/each[1].look:retry", json={"inputs": {"ok": True}})
    assert mended.status_code == 200, mended.text
    view = await house.until(task, "FINISHED")
    assert view["outputs"] == {"all": [{"done": True}] * 3}


async def test_a_task_may_what_the_flows_inside_it_need(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(look())
    outer = await house.publish(flow_of({"id": "sub", "kind": "subflow", "flow": inner, "inputs": {"host": "x"}}))
    (revision,) = (await house.client.get(f"/flows/{outer}/revisions")).json()["items"]
    assert (revision["scopes"], revision["plugins"]) == (["echo:use"], {"echo": ["1.0.0"]})
    # What is run inside in its latest revision may need more by then.
    await _publish(house, inner, look(plugin="check"), 2)
    task = (await house.client.post(f"/flows/{outer}/tasks", json={})).json()["id"]
    await house.until(task, "FAILED")
    assert house.invoker.calls[-1][1].scopes == frozenset({"echo:use", "check:use"})


async def test_what_cannot_be_run_inside_is_refused_by_name(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    inner, draft = await house.publish(look()), await house.make_flow()
    outer = await house.publish(calling(inner))
    assert "no flow 'gone'" in await _refused(house, outer, calling("gone"))
    assert "is not published yet" in await _refused(house, outer, calling(draft))
    assert "has no revision 7" in await _refused(house, outer, calling(inner, revision=7))
    assert "leads back" in await _refused(house, outer, calling(outer))
    assert "leads back" in await _refused(house, inner, calling(outer))
    assert "'host' is missing" in await _refused(house, outer, calling(inner, inputs={}))
    given = await house.client.put(
        f"/flows/{outer}/draft", json={"definition": look() | {"subflows": {}, "left_out": ["a"]}, "draft_version": 7}
    )
    assert given.status_code == 422
    assert "stands in the definition of a task only" in given.json()["detail"]


async def test_flows_nest_only_so_deep_and_grow_only_so_large(
    house: OrchestratorHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    inner = await house.publish(look())
    chain = [inner]
    monkeypatch.setattr(composition, "MAX_DEPTH", 3)
    for _ in range(3):
        chain.append(await house.publish(calling(chain[-1], inputs={"host": "x"} if len(chain) == 1 else {})))
    last = await house.make_flow()
    assert "lie deeper than 3" in await _refused(house, last, calling(chain[-1], inputs={}))
    monkeypatch.setattr(composition, "MAX_NODES", 6)
    assert "would have" in await _refused(house, last, calling(inner))
