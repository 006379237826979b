"""Nodes that tell people something."""

from typing import Any

import pytest

from kernel.contracts.component_caller import ComponentAway, ComponentRefused
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of

FORM = {"schema": {"type": "object", "properties": {"who": {"type": "array"}}}}


def _tell(**more: Any) -> dict[str, Any]:
    node = {"id": "tell", "kind": "notify", "title": "About ${task.name}", "people": ["${inputs.who}", "ann"], **more}
    return flow_of(node, form=FORM, outputs={"people": "${nodes.tell.outputs.people}"})


async def test_each_is_told_once_whatever_names_him(running_house: OrchestratorHouse) -> None:
    await running_house.client.put("/projects/shop/notice-groups/oncall", json={"people": ["bob", "kim"]})
    running_house.components.answers = [ComponentAway("for a moment"), {"message_id": "m1"}]
    told = _tell(groups=["oncall"], launcher=True, types=["sms"])
    task = await running_house.launch(told, {"who": ["bob", "ann"]}, by="dev")
    view = await running_house.until(task, "FINISHED")
    assert view["outputs"] == {"people": ["bob", "ann", "dev", "kim"]}
    first, again = running_house.components.calls
    assert first == again, "one that is repeated has the same key"
    assert (again.component, again.project_id, again.on_behalf_of) == ("notify.notify_users", PROJECT.id, "dev")
    assert again.inputs["receiver__username"] == ["bob", "ann", "dev", "kim"]
    assert (again.inputs["title"], again.inputs["msg_types"]) == ("About Check disks", ["sms"])
    assert again.idempotency_key == f"{task}.2:1"
    assert running_house.grants.applied == [(PROJECT.id, "notify.notify_users")]


@pytest.mark.parametrize(
    ("more", "who", "said"),
    [
        ({"groups": ["gone"]}, ["ann"], "no notice group gone"),
        ({"people": ["${inputs.who}"]}, [], "nobody to tell"),
        ({}, ["ann"], "not granted"),
    ],
)
async def test_what_cannot_be_told_fails_the_node(
    running_house: OrchestratorHouse, more: dict[str, Any], who: list[str], said: str
) -> None:
    running_house.components.answers = [ComponentRefused("not granted")]
    task = await running_house.launch(_tell(**more), {"who": who})
    view = await running_house.until(task, "FAILED")
    assert said in view["nodes"]["tell"]["error"]


async def test_a_message_goes_out_in_the_name_of_an_executor_who_consented_to_that(
    running_house: OrchestratorHouse,
) -> None:
    flow = await running_house.publish(_tell(executor="kim"))
    given = {"project": "shop", "flow": flow, "scopes": []}
    assert (await running_house.client.post("/executor-consents", json=given, headers=as_user("kim"))).is_success

    async def launch() -> str:
        made = await running_house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"who": []}})
        task: str = made.json()["id"]
        return task

    view = await running_house.until(await launch(), "FAILED")
    assert "kim has not consented to notify.notify_users" in view["nodes"]["tell"]["error"]
    assert running_house.components.calls == []
    given["scopes"] = ["notify.notify_users"]
    assert (await running_house.client.post("/executor-consents", json=given, headers=as_user("kim"))).is_success
    running_house.components.answers = [{"message_id": "m1"}]
    await running_house.until(await launch(), "FINISHED")
    (told,) = running_house.components.calls
    assert (told.on_behalf_of, told.launched_by) == ("kim", "admin")


async def test_a_node_that_tells_nobody_is_not_published(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(flow_of({"id": "tell", "kind": "notify", "title": "x"}))
    refused = await house.client.post(f"/flows/{flow}:publish", headers=as_user("dev"))
    assert (refused.status_code, "tells nobody" in refused.text) == (422, True)
