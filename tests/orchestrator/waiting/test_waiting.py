"""Locks between tasks, and events that nodes wait for."""

from typing import Any

from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.patience import patience, until

FORM = {"schema": {"type": "object", "properties": {"order": {"type": "string"}}}}
LOCKED = plugin_node("use", "hold", lock={"key": "host-${inputs.order}"})
WAITS = {"id": "paid", "kind": "wait", "event": "order-paid", "key": "${inputs.order}"}


async def _tell(house: OrchestratorHouse, key: str, **more: Any) -> dict[str, Any]:
    told = await house.client.post("/projects/shop/events", json={"name": "order-paid", "key": key, **more})
    assert told.status_code == 201, told.text
    answer: dict[str, Any] = told.json()
    return answer


async def _launch(house: OrchestratorHouse, flow: str, order: str = "42") -> str:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"order": order}})
    assert launched.status_code == 201, launched.text
    task: str = launched.json()["id"]
    return task


async def test_tasks_wait_in_turn_for_who_holds_the_lock(running_house: OrchestratorHouse) -> None:
    flow = await running_house.publish(flow_of(LOCKED, form=FORM))
    first = await _launch(running_house, flow)
    async with patience():
        await running_house.invoker.holding.wait()
    second = await _launch(running_house, flow)
    await running_house.until(second, "WAITING_LOCK", "use")
    other = await _launch(running_house, flow, "43")
    await running_house.until(other, "RUNNING", "use")
    node = (await running_house.client.get(f"/tasks/{second}/nodes/use")).json()
    assert (node["lock"], node["held_by"]) == (
        "host-42",
        [{"task_id": first, "task_name": "Check disks", "node_id": "use"}],
    )
    assert len(running_house.invoker.executed()) == 2
    running_house.invoker.release.set()
    for task in (first, second, other):
        await running_house.until(task, "FINISHED")


async def test_a_lock_is_free_when_its_holder_is_skipped_or_its_task_is_revoked(
    running_house: OrchestratorHouse,
) -> None:
    node = {"id": "use", "kind": "wait", "lock": {"key": "k"}}
    flow = await running_house.publish(flow_of(node, form=FORM))
    tasks = [await _launch(running_house, flow) for _ in range(3)]
    await running_house.until(tasks[0], "WAITING_EVENT", "use")
    for task in tasks[1:]:
        await running_house.until(task, "WAITING_LOCK", "use")
    await running_house.client.post(f"/tasks/{tasks[0]}/nodes/use:skip")
    await running_house.until(tasks[1], "WAITING_EVENT", "use")
    assert (await running_house.states(tasks[2]))["use"] == "WAITING_LOCK"
    await running_house.client.post(f"/tasks/{tasks[1]}:revoke")
    await running_house.until(tasks[2], "WAITING_EVENT", "use")


async def test_an_event_reaches_the_nodes_that_wait_for_it_and_no_others(running_house: OrchestratorHouse) -> None:
    use = plugin_node("use", inputs={"paid": "${nodes.paid.outputs.data.amount}"})
    flow = await running_house.publish(flow_of(WAITS, use, form=FORM))
    mine, others = await _launch(running_house, flow), await _launch(running_house, flow, "43")
    for task in (mine, others):
        await running_house.until(task, "WAITING_EVENT", "paid")
    assert (await running_house.client.get(f"/tasks/{mine}/nodes/paid")).json()["event"] == "order-paid/42"
    told = await _tell(running_house, "42", data={"amount": 7}, id="e1", keep_seconds=0)
    assert [(each["task_id"], each["node_id"]) for each in told["delivered"]] == [(mine, "paid")]
    await running_house.until(mine, "FINISHED")
    assert running_house.invoker.calls[0][1].inputs == {"paid": 7}
    assert (await running_house.states(others))["paid"] == "WAITING_EVENT"
    again = await _tell(running_house, "43", id="e1")
    assert (again["id"], again["key"]) == (told["id"], "42"), "what a sender calls by one id is told once"
    assert (await running_house.states(others))["paid"] == "WAITING_EVENT"


async def test_an_event_that_comes_early_is_kept_for_a_time(running_house: OrchestratorHouse) -> None:
    flow = await running_house.publish(flow_of(WAITS, form=FORM))
    kept = await _tell(running_house, "42", data=1)
    await _tell(running_house, "43", keep_seconds=0)
    early, late = await _launch(running_house, flow), await _launch(running_house, flow, "43")
    await running_house.until(early, "FINISHED")
    await running_house.until(late, "WAITING_EVENT", "paid")
    listed = (await running_house.client.get("/projects/shop/events")).json()["items"]
    assert {each["key"]: len(each["delivered"]) for each in listed}["42"] == 1
    assert kept["delivered"] == []


async def test_a_pass_of_a_loop_waits_for_an_event_of_its_own(running_house: OrchestratorHouse) -> None:
    flow = flow_of(WAITS, {"id": "how", "kind": "exclusive"},
                   edges=["start>paid", "paid>how", "how>paid?nodes.paid.loop < 2", "how>end?"], form=FORM)  # fmt: skip
    task = await _launch(running_house, await running_house.publish(flow))
    await running_house.until(task, "WAITING_EVENT", "paid")
    await _tell(running_house, "42")

    async def again() -> bool:
        node = (await running_house.task(task))["nodes"]["paid"]
        return bool(node["loop"] == 2 and node["state"] == "WAITING_EVENT")

    await until(again)
    await _tell(running_house, "42")
    await running_house.until(task, "FINISHED")


async def test_only_who_may_operate_tasks_tells_them_of_events(house: OrchestratorHouse) -> None:
    asked = {"name": "order-paid", "key": "1"}
    assert (await house.client.post("/projects/shop/events", json=asked, headers=as_user("viewer"))).status_code == 403
    assert (await house.client.post("/projects/shop/events", json=asked, headers=as_user("dev"))).status_code == 201
    wrong = await house.client.post("/projects/shop/events", json={"name": "no name"})
    assert wrong.status_code == 422
    listed = await house.client.get("/projects/shop/events", headers=as_user("viewer"))
    assert [each["key"] for each in listed.json()["items"]] == ["1"]
