"""Flows that use variables of their project: what is checked, and which values a task has."""

from typing import Any

from orchestrator.flow.project_variables import named_variables
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

REGION, HOSTS = "${project.variables.region}", "${project.variables.hosts}"


async def _set(house: OrchestratorHouse, project: str = "shop", **values: Any) -> None:
    for name, value in values.items():
        path = f"/projects/{project}/variables"
        found = await house.client.get(f"{path}/{name}")
        if found.status_code == 404:
            answer = await house.client.post(path, json={"name": name, "value": value})
        else:
            body = {"name": name, "value": value, "version": found.json()["version"]}
            answer = await house.client.put(f"{path}/{name}", json=body)
        assert answer.is_success, answer.text


async def _outputs(house: OrchestratorHouse, task: str) -> Any:
    return (await house.until(task, "FINISHED"))["outputs"]


async def _launch(house: OrchestratorHouse, flow: str, **body: Any) -> str:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}, **body})
    assert launched.status_code == 201, launched.text
    task: str = launched.json()["id"]
    return task


async def test_a_variable_the_project_has_not_is_named_with_node_and_field(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    await _set(house, region="north")
    definition = flow_of(
        plugin_node("a", inputs={"x": [REGION, HOSTS], "all": "${project.variables}"}),
        {"id": "sum", "kind": "expression", "values": {"n": "project.variables[nodes.a.outputs.x]"}},
        {"id": "how", "kind": "exclusive"},
        plugin_node("b"),
        edges=["start>a", "a>sum", "sum>how", "how>b?project.variables.gone == 1", "how>end?", "b>end"],
    )
    flow = await house.make_flow(definition)
    problems = (await house.client.post(f"/flows/{flow}:validate")).json()["problems"]
    told = [(each["rule"], each["node_id"], each["edge_id"], each["field"]) for each in problems]
    assert told == [
        ("project_variable", "a", None, "inputs.x[1]"),
        ("project_variable", "a", None, "inputs.all"),
        ("project_variable", "sum", None, "values.n"),
        ("project_variable", "how", "e3", "condition"),
    ]
    assert "no variable 'hosts'" in problems[0]["message"]
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 422
    found = (await house.client.get(f"/flows/{flow}/variables")).json()["items"]
    assert "project.variables.region" in {each["name"] for each in found}


async def test_a_task_has_the_values_of_its_launch_whatever_becomes_of_them(running_house: OrchestratorHouse) -> None:
    house = running_house
    await _set(house, region="north", zone="z1", hosts=[{"ip": "10.0.0.1"}], unused=1)
    inner = await house.publish(
        flow_of(plugin_node("a", inputs={"first": "${project.variables.hosts[0].ip}"}), outputs={"at": REGION}), "Inner"
    )
    flow = await house.publish(
        flow_of(
            {"id": "w", "kind": "wait"},
            plugin_node("a", inputs={"hosts": HOSTS, "text": f"in {REGION}"}),
            {"id": "in", "kind": "subflow", "flow": inner},
            {"id": "sum", "kind": "expression", "values": {"n": "size(project.variables.hosts) + 1"}},
            constants={"place": {"value": "at ${project.variables.zone}"}},
            outputs={
                "hosts": "${nodes.a.outputs.hosts}", "text": "${nodes.a.outputs.text}", "n": "${nodes.sum.outputs.n}",
                "inner": "${nodes.in.outputs.at}", "own": REGION,
                "place": "${constants.place}",
            },
        ),
        "Outer",
    )  # fmt: skip
    task = await _launch(house, flow)
    kept = (await house.task(task))["definition"]["project_variables"]
    assert kept == {"hosts": [{"ip": "10.0.0.1"}], "region": "north", "zone": "z1"}
    await house.until(task, "WAITING_EVENT", node="w")
    await _set(house, region="south", hosts=[])
    assert (await house.client.delete("/projects/shop/variables/region?force=true")).status_code == 204
    assert (await house.client.post(f"/tasks/{task}/nodes/w:signal", json={"data": {}})).is_success
    expected = {
        "hosts": [{"ip": "10.0.0.1"}], "text": "in north", "n": 2, "inner": "north", "own": "north", "place": "at z1",
    }  # fmt: skip
    assert await _outputs(house, task) == expected
    assert {str(call.context["project"]) for _, call in house.invoker.calls} == {
        str({"id": PROJECT.id, "code": PROJECT.code})
    }


async def test_a_task_run_again_from_a_node_keeps_them_and_a_new_one_has_the_new(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    await _set(house, region="north", hosts=1)
    flow = await house.publish(
        flow_of(plugin_node("a", inputs={"at": REGION}), plugin_node("b", inputs={"at": REGION}), outputs={"b": REGION})
    )
    task = await _launch(house, flow)
    await _outputs(house, task)
    await _set(house, region="south", hosts=2)
    corrected = flow_of(
        plugin_node("a", inputs={"at": REGION}), plugin_node("b", inputs={"at": HOSTS}),
        outputs={"b": "${nodes.b.outputs.at}", "at": REGION},
    )  # fmt: skip
    await house.client.put(f"/flows/{flow}/draft", json={"definition": corrected, "draft_version": 2})
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    again = await house.client.post(f"/tasks/{task}:rerun", json={"node": "b", "revision": 2})
    assert again.status_code == 201, again.text
    assert await _outputs(house, again.json()["id"]) == {"b": 2, "at": "north"}
    assert await _outputs(house, await _launch(house, flow)) == {"b": 2, "at": "south"}


async def test_a_common_flow_has_the_variables_of_the_project_that_runs_it(running_house: OrchestratorHouse) -> None:
    house = running_house
    await _set(house, region="north")
    flow = await house.publish(flow_of(plugin_node("a", inputs={"at": REGION}), outputs={"at": REGION}), "Common")
    assert (await house.client.put(f"/flows/{flow}/common", json={"projects": ["bank"]})).status_code == 200
    house.plugins.by_project[OTHER_PROJECT.id] = scripted_plugins()
    theirs = (await house.client.post("/projects/bank/flows", json={"name": "Theirs"})).json()["id"]
    runs = flow_of({"id": "in", "kind": "subflow", "flow": flow, "revision": 1})
    await house.client.put(f"/flows/{theirs}/draft", json={"definition": runs, "draft_version": 1})
    (problem,) = (await house.client.post(f"/flows/{theirs}:validate")).json()["problems"]
    assert (problem["node_id"], "names project.variables.region" in problem["message"]) == ("in", True)
    refused = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}, "project": "bank"})
    assert refused.json()["code"] == "project_variables_missing"
    await _set(house, "bank", region="east")
    assert (await house.client.post(f"/flows/{theirs}:validate")).json()["problems"] == []
    assert await _outputs(house, await _launch(house, flow, project="bank")) == {"at": "east"}


async def test_a_review_shows_the_values_and_a_mock_run_has_them(running_house: OrchestratorHouse) -> None:
    house = running_house
    await _set(house, region="north")
    flow = await house.publish(
        flow_of(plugin_node("a", "look", inputs={"at": REGION}), plugin_node("b", inputs={"at": f"in {REGION}"}))
    )
    steps = (await house.client.post(f"/flows/{flow}:review", json={"inputs": {}})).json()["steps"]
    assert [(step["inputs"], step["outputs"]) for step in steps] == [
        ({"at": "north"}, {"at": "north"}), ({"at": "in north"}, None),
    ]  # fmt: skip
    mock = await house.client.post(f"/flows/{flow}:mock-run", json={"inputs": {}, "nodes": {}})
    assert mock.status_code == 201, mock.text
    node = (await house.until(mock.json()["id"], "FINISHED"))["id"]
    story = (await house.client.get(f"/tasks/{node}/nodes/b")).json()
    assert story["runs"][0]["inputs"] == {"at": "in north"}


async def test_a_copy_in_another_project_tells_which_variables_that_one_lacks(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = house.plugins.by_project[OTHER_PROJECT.id] = scripted_plugins()
    await _set(house, "bank", hosts=[])
    zone = {"zone": "${project.variables.zone}"}
    flow = await house.make_flow(flow_of(plugin_node("a", inputs={"x": [REGION, REGION, HOSTS]}), outputs=zone))
    copied = (await house.client.post(f"/flows/{flow}:copy", json={"name": "Copy", "project": "bank"})).json()
    assert copied["missing"] == [
        {"kind": "variable", "name": "region", "nodes": ["a"]}, {"kind": "variable", "name": "zone", "nodes": []},
    ]  # fmt: skip


async def test_a_draft_brings_no_values_of_its_own(house: OrchestratorHouse) -> None:
    flow = await house.make_flow()
    body = {"definition": flow_of(project_variables={"region": "east"}), "draft_version": 1}
    refused = await house.client.put(f"/flows/{flow}/draft", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "definition.project_variables")


def test_nodes_that_are_left_out_name_no_variable() -> None:
    nodes = plugin_node("a", inputs={"x": REGION}), plugin_node("b", inputs={"x": HOSTS}, optional=True)
    assert named_variables(flow_of(*nodes)) == {"region", "hosts"}
    assert named_variables(flow_of(*nodes, left_out=["b"])) == {"region"}
    assert named_variables(flow_of(plugin_node("a", inputs={"x": "$${project.variables.region}"}))) == frozenset()
