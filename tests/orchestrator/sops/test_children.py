"""Tasks that a node of another one starts by the calls of `subprocess_plugin`, and waits for."""

from dataclasses import dataclass, replace
from typing import Any

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.plugin_invoker import CancelResult, CancelState
from tests.orchestrator.sops.conftest import EVERYTHING, Sops, one_database
from tests.support.orchestrator import PROJECT, as_user, flow_of, plugin_node
from tests.support.patience import until

SAYS = flow_of(
    plugin_node("say", inputs={"x": "${inputs.x}"}),
    form={"schema": {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": False}},
    outputs={"y": "${nodes.say.outputs.x}"},
)
ASKS = flow_of({"id": "ask", "kind": "confirm", "message": "Go on?"})


@dataclass(slots=True)
class Parent:
    """A task one of whose nodes waits; `calls` are made for that node."""

    sops: Sops
    task: str
    calls: Sops

    @property
    def callback_url(self) -> str:
        """Of the last attempt at the node."""
        return [call.callback_url for _, call in self.sops.house.invoker.calls if call.task_id == self.task][-1]

    async def start(self, flow: str, **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.calls.call(
            "start_child_task", flow=flow, callback_url=self.callback_url, **asked
        )
        return answer

    async def attempts(self, count: int) -> None:
        """Waits until the node was begun so many times."""
        await until_begun(self.sops, count)


async def until_begun(sops: Sops, count: int) -> None:
    """Waits until nodes that wait were begun so many times."""
    await until(
        lambda: [call.plugin for kind, call in sops.house.invoker.calls if kind == "execute"].count("wait") >= count
    )


async def _parent(sops: Sops) -> Parent:
    template = await sops.template(flow_of(plugin_node("in", "wait")), "Outer")
    number = (await sops.data("create_and_start_task", template_id=template, name="outer"))["task_id"]
    await sops.until(number, "RUNNING")
    await until_begun(sops, 1)
    task = sops.house.invoker.calls[-1][1].task_id
    identity = {**sops.gateway.identity, "x-trunkline-project": PROJECT.id, "x-trunkline-task": task}
    return Parent(sops, task, Sops(sops.house, replace(sops.gateway, identity=identity), sops.businesses))


async def test_a_node_waits_for_the_task_it_started_and_takes_its_outputs(sops: Sops) -> None:
    flow = await sops.house.publish(SAYS, "Inner")
    parent = await _parent(sops)
    made = (await parent.start(flow, inputs={"x": 7}, name="inner", key="run:1"))["data"]
    again = (await parent.start(flow, inputs={"x": 7}, name="inner"))["data"]
    assert again == made
    assert made["task_name"] == "inner"
    seen = await sops.house.until(parent.task, "FINISHED")
    child = await sops.house.task(made["id"])
    assert (child["origin"], child["origin_id"], child["created_by"]) == ("subprocess", parent.task, "ada")
    assert (child["state"], child["outputs"]) == ("FINISHED", {"y": 7})
    assert seen["nodes"]["in"]["state"] == "FINISHED"
    standing = await parent.calls.data("get_child_task", id=made["id"])
    assert standing == {"state": "FINISHED", "outputs": {"y": 7}, "error": ""}
    assert (await parent.calls.refused("get_child_task", id=parent.task))[0] == 3540400


async def test_the_node_fails_with_its_task_and_waits_again_once_that_goes_on(sops: Sops) -> None:
    house = sops.house
    flow = await house.publish(flow_of(plugin_node("look", "check")), "Inner")
    parent = await _parent(sops)
    made = (await parent.start(flow))["data"]
    failed = await house.until(parent.task, "FAILED")
    assert f"({made['id']}) is FAILED" in failed["nodes"]["in"]["error"]
    retried = await house.client.post(f"/tasks/{made['id']}/nodes/look:retry", json={"inputs": {"ok": True}})
    assert retried.status_code == 200, retried.text
    await parent.attempts(2)
    assert (await parent.start(flow))["data"]["id"] == made["id"]
    await house.until(parent.task, "FINISHED")


async def test_what_is_done_to_the_outer_task_is_done_to_the_inner_one(sops: Sops) -> None:
    house = sops.house
    flow = await house.publish(ASKS, "Inner")
    parent = await _parent(sops)
    child = (await parent.start(flow))["data"]["id"]
    await house.until(child, "RUNNING")
    for operation, state in (("pause", "SUSPENDED"), ("resume", "RUNNING"), ("revoke", "REVOKED")):
        done = await house.client.post(f"/tasks/{parent.task}:{operation}")
        assert done.status_code == 200, done.text
        await house.until(child, state)


@one_database
async def test_what_a_task_starts_in_its_executors_name_is_the_launchers_or_refused(sops: Sops) -> None:
    flow = await sops.house.publish(SAYS, "Inner")
    parent = await _parent(sops)
    identity = {**parent.calls.gateway.identity, "x-trunkline-user": "bob"}
    sops.house.authorizer.allow("bob", ResourceKind.PROJECT, PROJECT.id, *EVERYTHING)
    parent.calls.gateway = replace(parent.calls.gateway, identity=identity)
    made = (await parent.start(flow, inputs={"x": 7}))["data"]
    assert (await sops.house.task(made["id"]))["created_by"] == "ada"
    await sops.house.until(parent.task, "FINISHED")
    assert (await parent.calls.data("get_child_task", id=made["id"]))["state"] == "FINISHED"
    inner = (await sops.data("get_template_list", name_keyword="Inner"))[0]["id"]
    code, message = await parent.calls.refused("create_task", template_id=inner, name="x", constants={"${x}": 1})
    assert (code, "in the name of its executor bob" in message) == (3540100, True)


@one_database
async def test_a_node_that_is_made_to_fail_takes_its_task_along(sops: Sops) -> None:
    house = sops.house
    flow = await house.publish(ASKS, "Inner")
    parent = await _parent(sops)
    child = (await parent.start(flow))["data"]["id"]
    await house.until(child, "RUNNING")
    house.invoker.cancelled = CancelResult(CancelState.NOT_OFFERED)
    await house.client.post(f"/tasks/{parent.task}/nodes/in:force-fail")
    await house.until(child, "REVOKED")

    async def told() -> bool:
        (cancellation,) = (await house.client.get(f"/tasks/{parent.task}/cancellations")).json()["items"]
        return bool(cancellation["state"] == "cancelled")

    await until(told)


@one_database
async def test_a_quota_of_running_tasks_lets_the_inner_task_begin(sops: Sops) -> None:
    house = sops.house
    flow = await house.publish(SAYS, "Inner")
    quota = await house.client.put("/projects/shop/quotas", json={"running_tasks": 1})
    assert quota.status_code == 200, quota.text
    parent = await _parent(sops)
    assert (await parent.start(flow, inputs={"x": 1}))["result"] is True
    await house.until(parent.task, "FINISHED")


@one_database
async def test_only_a_node_that_waits_starts_tasks_that_its_person_may_launch(sops: Sops) -> None:
    house = sops.house
    flow = await house.publish(ASKS, "Inner")
    parent = await _parent(sops)
    code, message = await sops.refused("start_child_task", flow=flow, callback_url=parent.callback_url)
    assert (code, "callback_url" in message) == (3540000, True)
    forged = parent.callback_url[:-1] + ("0" if parent.callback_url[-1] != "0" else "1")
    assert (await parent.calls.refused("start_child_task", flow=flow, callback_url=forged))[0] == 3540000
    theirs = (await house.client.post("/projects/bank/flows", json={"name": "Theirs"})).json()["id"]
    assert (await parent.start(theirs))["code"] == 3540400
    house.authorizer.rules.discard(("ada", Action.FLOW_LAUNCH, ResourceKind.PROJECT, PROJECT.id))
    assert (await parent.start(flow))["code"] == 3540100
    listed = await house.client.get("/projects/shop/tasks", headers=as_user("dev"))
    assert len(listed.json()["items"]) == 1
