"""Nodes that wait for a moment, an event or a person, and nodes left out, through the management API."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.database import Database
from tests.support.contracts import ADMIN
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

ASK = {
    "id": "ask",
    "kind": "approval",
    "message": "Deploy ${inputs.what}?",
    "approvers": ["ann"],
    "form": {"schema": {"type": "object", "properties": {"window": {"type": "string"}}, "required": ["window"]}},
}
FORM = {"schema": {"type": "object", "properties": {"what": {"type": "string"}}}}


async def test_an_approval_is_given_by_whom_the_flow_names_and_survives_a_restart(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    flow = flow_of(ASK, plugin_node("b", inputs={"by": "${nodes.ask.outputs.by}"}), form=FORM)
    task = await house.launch(flow, {"what": "shop"}, by="dev")
    await house.until(task, "WAITING_DECISION", node="ask")
    house.authorizer.allow("ann", ResourceKind.TASK, task, Action.TASK_VIEW)
    await house.unit.stop()
    successor = house.successor()
    house.app.state.orchestrator = successor
    await successor.start()
    (run,) = (await house.client.get(f"/tasks/{task}/nodes/ask", headers=as_user("ann"))).json()["runs"]
    assert run["inputs"] == {"message": "Deploy shop?", "approvers": ["ann"]}
    body: dict[str, Any] = {"approved": True, "data": {"window": "tonight"}}
    others = await house.client.post(f"/tasks/{task}/nodes/ask:decide", json=body, headers=as_user("dev"))
    assert (others.status_code, others.json()["detail"]) == (403, "Only ann may decide here")
    empty = await house.client.post(f"/tasks/{task}/nodes/ask:decide", json={}, headers=as_user("ann"))
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "/data/window")
    given = await house.client.post(f"/tasks/{task}/nodes/ask:decide", json=body, headers=as_user("ann"))
    assert given.status_code == 200, given.text
    view = await house.until(task, "FINISHED")
    assert view["nodes"]["ask"]["state"] == "FINISHED"
    assert house.invoker.calls[-1][1].inputs == {"by": "ann"}
    await successor.stop()


async def test_an_owner_decides_in_place_of_approvers_of_whom_none_may_sign_in_any_more(
    running_house: OrchestratorHouse, database: Database
) -> None:
    house = running_house
    house.authorizer.allow("olga", ResourceKind.PROJECT, PROJECT.id, Action.TASK_VIEW, Action.PROJECT_MANAGE)
    ask = {"id": "ask", "kind": "approval", "approvers": ["ann", "bob"]}
    task = await house.launch(flow_of(ask, plugin_node("b", inputs={"for": "${nodes.ask.outputs.in_place_of}"})))
    await house.until(task, "WAITING_DECISION", node="ask")
    node = f"/tasks/{task}/nodes/ask"

    house.profiles.gone = {"ann"}
    assert (await house.client.get(node)).json()["absent_approvers"] == ["ann"]
    for name in ("olga", ADMIN):
        early = await house.client.post(f"{node}:decide", json={}, headers=as_user(name))
        assert (early.status_code, early.json()["detail"]) == (403, "Only bob may decide here")

    house.profiles.gone = {"ann", "bob"}
    assert (await house.client.get(node)).json()["absent_approvers"] == ["ann", "bob"]
    refused = await house.client.post(f"{node}:decide", json={}, headers=as_user("dev"))
    assert refused.status_code == 403
    assert "(ann, bob): in their place an owner of the project" in refused.json()["detail"]
    given = await house.client.post(f"{node}:decide", json={"comment": "both left"}, headers=as_user("olga"))
    assert given.status_code == 200, given.text

    await house.until(task, "FINISHED")
    assert house.invoker.calls[-1][1].inputs == {"for": ["ann", "bob"]}
    assert (await house.client.get(node)).json()["absent_approvers"] == []
    async with database.reading() as session:
        action = col(AuditRecord.action) == "task.decide_requested"
        (noted,) = (await session.execute(select(AuditRecord).where(action))).scalars()
    assert (noted.actor, noted.after) == (
        "olga",
        {"operation": "decide", "node": "ask", "approved": True, "comment": "both left", "in_place_of": ["ann", "bob"]},
    )


async def test_a_launcher_confirms_his_own_task_and_cannot_approve_it(running_house: OrchestratorHouse) -> None:
    house = running_house
    house.authorizer.allow("leo", ResourceKind.PROJECT, "nowhere", Action.FLOW_LAUNCH)
    flow = await house.publish(
        flow_of({"id": "sure", "kind": "confirm"}, {"id": "boss", "kind": "approval"}, plugin_node("b"))
    )
    house.authorizer.allow("leo", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    launched = await house.client.post(f"/flows/{flow}/tasks", json={}, headers=as_user("leo"))
    task = launched.json()["id"]
    house.authorizer.allow("leo", ResourceKind.TASK, task, Action.TASK_VIEW, Action.TASK_OPERATE)
    await house.until(task, "WAITING_DECISION", node="sure")
    sure = await house.client.post(f"/tasks/{task}/nodes/sure:decide", json={}, headers=as_user("leo"))
    assert sure.status_code == 200, sure.text
    await house.until(task, "WAITING_DECISION", node="boss")
    refused = await house.client.post(f"/tasks/{task}/nodes/boss:skip", headers=as_user("leo"))
    assert refused.status_code == 409
    approved = await house.client.post(f"/tasks/{task}/nodes/boss:decide", json={}, headers=as_user("dev"))
    assert approved.status_code == 200
    await house.until(task, "FINISHED")


async def test_a_timer_and_an_event_let_a_task_go_on(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = flow_of(
        {"id": "pause", "kind": "timer", "seconds": 0.05},
        {"id": "told", "kind": "wait"},
        {"id": "sum", "kind": "expression", "values": {"twice": "nodes.told.outputs.data.n * 2"}},
        outputs={"twice": "${nodes.sum.outputs.twice}"},
    )
    task = await house.launch(flow)
    await house.until(task, "WAITING_EVENT", node="told")
    sent = await house.client.post(f"/tasks/{task}/nodes/told:signal", json={"data": {"n": 21}}, headers=as_user("dev"))
    assert sent.status_code == 200, sent.text
    view = await house.until(task, "FINISHED")
    assert view["outputs"] == {"twice": 42}
    assert view["nodes"]["pause"]["state"] == "FINISHED"


async def test_an_optional_node_is_left_out_unless_it_is_needed(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = await house.publish(
        flow_of(
            plugin_node("a", optional=True),
            plugin_node("b", optional=True, inputs={"x": "${nodes.a.outputs.x}"}),
            plugin_node("c"),
        )
    )

    async def launch(*names: str) -> Any:
        return await house.client.post(f"/flows/{flow}/tasks", json={"leave_out": names})

    needed = await launch("a")
    assert (needed.status_code, needed.json()["code"]) == (422, "nodes_refused")
    assert "b needs what a gives" in needed.json()["detail"]
    assert "no optional node" in (await launch("c")).json()["detail"]
    task = (await launch("a", "b")).json()["id"]
    view = await house.until(task, "FINISHED")
    assert (view["nodes"]["a"]["state"], view["nodes"]["b"]["state"]) == ("SKIPPED", "SKIPPED")
    assert len(house.invoker.calls) == 1
