"""Tasks of flows with named values, from the launch to what they give."""

from typing import Any

import pytest

from tests.support.orchestrator import PROJECT, OrchestratorHouse, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}}}}
CONSTANTS: dict[str, Any] = {
    "dir": {"value": "/data/${inputs.ip}", "schema": {"title": "Folder", "type": "string"}},
    "log": {"value": "${constants.dir}/${nodes.find.outputs.n}.log"},
    "limit": {"value": 80},
}
FLOW = flow_of(
    plugin_node("find", inputs={"n": 7}, optional=True),
    {"id": "how", "kind": "exclusive"},
    plugin_node("say", inputs={"at": "${constants.log}", "limit": "${constants.limit}"}),
    edges=["start>find", "find>how", "how>say?constants.limit > 50", "how>end?", "say>end"],
    form=FORM,
    constants=CONSTANTS,
    outputs={"log": "see ${constants.log}"},
)
LEFT_OUT = {"inputs": {"ip": "a"}, "leave_out": ["find"]}


@pytest.fixture
def shop(house: OrchestratorHouse) -> OrchestratorHouse:
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    return house


async def test_constants_are_worked_out_while_the_task_runs(running_house: OrchestratorHouse) -> None:
    task = await running_house.launch(FLOW, {"ip": "10.0.0.1"})
    done = await running_house.until(task, "FINISHED")
    assert done["outputs"] == {"log": "see /data/10.0.0.1/7.log"}
    (said,) = [call.inputs for _, call in running_house.invoker.calls if "limit" in call.inputs]
    assert said == {"at": "/data/10.0.0.1/7.log", "limit": 80}


async def test_what_they_name_counts_where_they_are_named(shop: OrchestratorHouse) -> None:
    flow = await shop.publish(FLOW)
    refused = await shop.client.post(f"/flows/{flow}/tasks", json=LEFT_OUT)
    assert (refused.status_code, "say needs what find gives" in refused.text) == (422, True)
    review = (await shop.client.post(f"/flows/{flow}:review", json={"inputs": {"ip": "a"}})).json()
    (say,) = [step for step in review["steps"] if step["node_id"] == "say"]
    assert (say["inputs"]["limit"], say["waits_for"]) == (80, ["nodes.find.outputs.n"])
    listed = (await shop.client.get(f"/flows/{flow}/variables")).json()["items"]
    of_log = next(each for each in listed if each["name"] == "constants.log")
    assert of_log["declared"]
    assert [(use["node_id"], use["field"]) for use in of_log["uses"]] == [("say", "inputs.at"), (None, "outputs.log")]
