from typing import Any

import httpx
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from orchestrator.tasks.repository import ended_at
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

SAID = {"said": "${nodes.a.outputs.said}"}
FLOW = flow_of(plugin_node("a", inputs={"said": "hello"}), plugin_node("b", "check"), plugin_node("c", inputs=SAID))
CORRECTED = flow_of(
    plugin_node("a", inputs={"said": "hello"}), plugin_node("b", inputs=SAID), plugin_node("c", inputs=SAID)
)


async def _failed(house: OrchestratorHouse) -> dict[str, Any]:
    return await house.until(await house.launch(FLOW), "FAILED")


async def _rerun(house: OrchestratorHouse, task: str, by: str = "dev", **body: Any) -> httpx.Response:
    return await house.client.post(f"/tasks/{task}:rerun", json={"node": "b", **body}, headers=as_user(by))


async def _correct(house: OrchestratorHouse, flow: str, definition: dict[str, Any] = CORRECTED) -> None:
    draft = (await house.client.get(f"/flows/{flow}")).json()["draft_version"]
    body = {"definition": definition, "draft_version": draft}
    assert (await house.client.put(f"/flows/{flow}/draft", json=body)).status_code == 200
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201


async def test_a_corrected_revision_goes_on_where_the_task_failed(running_house: OrchestratorHouse) -> None:
    house = running_house
    failed = await _failed(house)
    await _correct(house, failed["flow_id"])
    begun = await _rerun(house, failed["id"], revision=2, name="once more")
    assert begun.status_code == 201, begun.text
    task = await house.until(begun.json()["id"], "FINISHED")
    assert (task["revision"], task["name"], task["nodes"]["a"]["attempt"]) == (2, "once more", 0)
    story = (await house.client.get(f"/tasks/{task['id']}/nodes/c")).json()
    assert story["runs"][0]["outputs"]["said"] == "hello"
    assert (await house.task(failed["id"]))["state"] == "FAILED"
    async with house.database.reading() as session:
        launched = select(AuditRecord).where(col(AuditRecord.resource_id) == task["id"])
        (record,) = (await session.execute(launched)).scalars()
    assert record.after is not None
    assert (record.action, record.after["continues"], record.after["node"]) == ("task.launched", failed["id"], "b")


async def test_a_branch_goes_on_where_it_failed_and_the_others_do_not_run_again(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    nodes = [
        {"id": "fork", "kind": "parallel"}, plugin_node("b", "check"), plugin_node("c", inputs={"said": "once"}),
        {"id": "meet", "kind": "join"}, plugin_node("d", inputs={"said": "${nodes.c.outputs.said}"}),
    ]  # fmt: skip
    edges = ["start>fork", "fork>b", "fork>c", "b>meet", "c>meet", "meet>d", "d>end"]
    failed = await house.until(await house.launch(flow_of(*nodes, edges=edges)), "FAILED")
    async with house.database.reading() as session:
        earlier = await ended_at(session, failed["id"])
    assert (earlier["start"].number, earlier["fork"].number) == (1, 2)
    assert earlier["c"].number in {3, 4}
    nodes[1] = plugin_node("b", inputs={"said": "mended"})
    await _correct(house, failed["flow_id"], flow_of(*nodes, edges=edges))
    begun = await _rerun(house, failed["id"], revision=2)
    assert begun.status_code == 201, begun.text
    task = await house.until(begun.json()["id"], "FINISHED")
    assert {name: task["nodes"][name]["attempt"] for name in ("fork", "b", "c", "d")} == {
        "fork": 0, "b": 1, "c": 0, "d": 1,
    }  # fmt: skip
    told = (await house.client.get(f"/tasks/{task['id']}/nodes/d")).json()["runs"][0]["outputs"]
    assert told["said"] == "once"


async def test_the_same_key_never_begins_a_second_one(running_house: OrchestratorHouse) -> None:
    failed = await _failed(running_house)
    key = {"Idempotency-Key": "once", **as_user("dev")}
    answers = [
        await running_house.client.post(f"/tasks/{failed['id']}:rerun", json={"node": node}, headers=key)
        for node in ("b", "b", "a")
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_having_launched_a_task_is_not_enough_to_pass_over_its_nodes(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.publish(FLOW)
    house.authorizer.allow("lee", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}}, headers=as_user("lee"))
    await house.until(launched.json()["id"], "FAILED")
    assert (await _rerun(house, launched.json()["id"], by="lee")).status_code == 403


async def test_who_may_operate_a_task_must_be_allowed_to_launch_its_flow(running_house: OrchestratorHouse) -> None:
    failed = await _failed(running_house)
    running_house.authorizer.allow("op", ResourceKind.PROJECT, PROJECT.id, Action.TASK_VIEW, Action.TASK_OPERATE)
    assert (await _rerun(running_house, failed["id"], by="op")).status_code == 403


async def test_a_task_under_way_is_not_run_beside_itself(running_house: OrchestratorHouse) -> None:
    waiting = await running_house.launch(flow_of({"id": "b", "kind": "wait"}))
    await running_house.until(waiting, "WAITING_EVENT", node="b")
    refused = await _rerun(running_house, waiting)
    assert (refused.status_code, refused.json()["code"]) == (409, "task_under_way")
    assert "b still at work" in refused.json()["detail"]


async def test_a_wrong_node_or_input_is_named_and_nothing_begins(running_house: OrchestratorHouse) -> None:
    failed = await _failed(running_house)
    before = len((await running_house.client.get("/projects/shop/tasks")).json()["items"])
    refusals = [await _rerun(running_house, failed["id"], **body) for body in ({"node": "x"}, {"inputs": {"x": 1}})]
    assert [answer.status_code for answer in refusals] == [422, 422]
    assert refusals[0].json()["errors"][0]["field"] == "/node"
    assert len((await running_house.client.get("/projects/shop/tasks")).json()["items"]) == before


async def test_a_subflow_in_which_all_has_failed_is_not_at_work(running_house: OrchestratorHouse) -> None:
    house = running_house
    inner = await house.publish(flow_of(plugin_node("x", "check")))
    failed = await house.until(await house.launch(flow_of({"id": "b", "kind": "subflow", "flow": inner})), "FAILED")
    assert failed["nodes"]["b"]["state"] == "RUNNING"
    begun = await _rerun(house, failed["id"])
    assert begun.status_code == 201, begun.text
    assert (await house.until(begun.json()["id"], "FAILED"))["nodes"]["b.x"]["state"] == "FAILED"
