"""Tasks at work, in whose name they call."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node


async def _consent(house: OrchestratorHouse, by: str, **body: Any) -> str:
    answer = await house.client.post("/executor-consents", json={"project": "shop", **body}, headers=as_user(by))
    assert answer.status_code == 201, answer.text
    given: str = answer.json()["id"]
    return given


async def _launch(house: OrchestratorHouse, flow: str, by: str = "dev") -> str:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}}, headers=as_user(by))
    assert launched.status_code == 201, launched.text
    task: str = launched.json()["id"]
    return task


async def _error(house: OrchestratorHouse, task: str, node: str) -> str:
    view = await house.until(task, "FAILED")
    error: str = view["nodes"][node]["error"]
    return error


async def test_each_node_calls_in_the_nearest_name_and_the_record_tells_both(running_house: OrchestratorHouse) -> None:
    house = running_house
    nodes = [plugin_node("own", inputs={}, executor="bea"), plugin_node("of_flow", inputs={})]
    flow = await house.publish(flow_of(*nodes, executor="ann"))
    for person in ("ann", "bea"):
        await _consent(house, person, flow=flow, revision=1, scopes=["echo:use"])
    task = await _launch(house, flow)
    await house.until(task, "FINISHED")
    calls = [call for _, call in house.invoker.calls]
    assert [(call.on_behalf_of, call.launched_by) for call in calls] == [("bea", "dev"), ("ann", "dev")]
    assert {call.consented for call in calls} == {frozenset({"echo:use"})}
    detail = (await house.client.get(f"/tasks/{task}/nodes/own")).json()
    assert [call["executor"] for run in detail["runs"] for call in run["calls"]] == ["bea"]
    async with house.database.reading() as session:
        wanted = select(AuditRecord).where(col(AuditRecord.task_id) == task, col(AuditRecord.action) == "task.launched")
        launched = (await session.execute(wanted)).scalar_one()
    assert (launched.actor, (launched.after or {})["executors"]) == ("dev", ["ann", "bea"])


async def test_a_node_without_consent_fails_calls_nothing_and_works_once_it_is_given(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    flow = await house.publish(flow_of(plugin_node("a", inputs={}), executor="ann"), "Deploy")
    task = await _launch(house, flow)
    error = await _error(house, task, "a")
    assert error.startswith(
        "ann has not consented to act in the flow 'Deploy' for tasks of the project shop; ask ann to"
    )
    assert house.invoker.calls == []
    await _consent(house, "ann", flow=flow, scopes=["echo:use"])
    retried = await house.client.post(f"/tasks/{task}/nodes/a:retry", json={}, headers=as_user("dev"))
    assert retried.status_code in {200, 202, 204}, retried.text
    await house.until(task, "FINISHED")
    assert [call.on_behalf_of for _, call in house.invoker.calls] == ["ann"]


async def test_a_consent_that_is_revoked_or_whose_person_left_stops_the_next_call(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    flow = await house.publish(flow_of(plugin_node("a", "wait", inputs={}), executor="ann"))
    given = await _consent(house, "ann", flow=flow, scopes=["wait:use"])
    task = await _launch(house, flow)
    await house.until(task, "WAITING_CALLBACK", "a")
    assert (await house.client.delete(f"/executor-consents/{given}", headers=as_user("ann"))).status_code == 204
    callback = house.invoker.calls[0][1].callback_url.rpartition("/v1")[2]
    assert (await house.client.post(callback, json={"done": True, "said": "yes"})).status_code < 300
    assert "ann has revoked the consent" in await _error(house, task, "a")
    assert [kind for kind, _ in house.invoker.calls] == ["execute"]
    await _consent(house, "ann", flow=flow, scopes=["wait:use"])
    house.profiles.gone.add("ann")
    assert "may not sign in any more" in await _error(house, await _launch(house, flow), "a")


async def test_the_projects_executor_is_that_of_the_launch_and_the_launcher_needs_no_consent(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    assert (await house.client.put("/projects/shop/executor", json={"username": "ann"})).status_code == 200
    await _consent(house, "ann", scopes=["echo:use"])
    flow = await house.publish(flow_of(plugin_node("a", inputs={})))
    await house.until(await _launch(house, flow), "FINISHED")
    own = await house.publish(flow_of(plugin_node("a", inputs={}, executor="dev")))
    await house.until(await _launch(house, own), "FINISHED")
    calls = [(call.on_behalf_of, call.launched_by, call.consented) for _, call in house.invoker.calls]
    assert calls == [("ann", "dev", frozenset({"echo:use"})), ("dev", "", None)]


async def test_a_consent_to_one_flow_is_none_to_the_flows_inside_it(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(flow_of(plugin_node("deep", inputs={})), "Inner")
    outer = await house.publish(
        flow_of(plugin_node("a", inputs={}), {"id": "sub", "kind": "subflow", "flow": inner}, executor="ann"), "Outer"
    )
    await _consent(house, "ann", flow=outer, scopes=["echo:use"])
    task = await _launch(house, outer)
    assert "ann has not consented to act in the flow 'Inner'" in await _error(house, task, "sub.deep")
    await _consent(house, "ann", flow=inner, scopes=["echo:use"])
    await house.until(await _launch(house, outer), "FINISHED")
    assert [call.on_behalf_of for _, call in house.invoker.calls] == ["ann"] * 3
