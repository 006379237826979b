"""Whole tasks, from the launch to their end, through the management API."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.database import Database
from orchestrator.runtime.models import TaskMessage
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node

NUMBER_FORM = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}
BRANCHES = flow_of(
    {"id": "how_many", "kind": "exclusive"},
    plugin_node("few", inputs={"said": "few"}),
    plugin_node("many", inputs={"said": "many"}),
    edges=["start>how_many", "how_many>many?inputs.n > 10", "how_many>few?", "few>end", "many>end"],
    form=NUMBER_FORM,
)
CHECK = flow_of(plugin_node("look", "check", inputs={"ok": False, "ip": "x"}), plugin_node("after"))


async def test_a_task_runs_its_nodes_in_order_and_hands_on_their_outputs(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = flow_of(
        plugin_node("one", inputs={"n": "${inputs.n}", "text": "n is ${inputs.n}"}),
        plugin_node("two", inputs={"twice": "${nodes.one.outputs.n}", "who": "${task.created_by}"}),
        form=NUMBER_FORM,
        outputs={"answer": "${nodes.two.outputs.twice}", "project": "${project.code}"},
    )
    task = await house.launch(flow, {"n": 7}, by="dev")
    view = await house.until(task, "FINISHED")
    assert view["outputs"] == {"answer": 7, "project": "shop"}
    assert view["started_at"] <= view["finished_at"]
    assert {node["state"] for node in view["nodes"].values()} == {"FINISHED"}
    (one,) = (await house.client.get(f"/tasks/{task}/nodes/one")).json()["runs"]
    assert one["inputs"] == one["outputs"] == {"n": 7, "text": "n is 7"}
    assert one["calls"] == [
        {"component": "cmdb.search", "status": 200, "request_id": "f" * 32}
        | {"idempotency_key": f"{one['id']}:1", "executor": "", "at": one["calls"][0]["at"]}
    ]
    assert [line["message"] for line in one["log"]] == ["done"]
    (first, second) = (call for _, call in house.invoker.calls)
    assert (first.on_behalf_of, first.project_id, first.scopes) == ("dev", view["project_id"], frozenset({"echo:use"}))
    assert second.inputs == {"twice": 7, "who": "dev"}
    assert first.callback_url.startswith("http://127.0.0.1:8080/v1/callbacks/")


@pytest.mark.parametrize(("n", "taken", "left"), [(11, "many", "few"), (10, "few", "many")])
async def test_an_exclusive_node_takes_one_way(running_house: OrchestratorHouse, n: int, taken: str, left: str) -> None:
    task = await running_house.launch(BRANCHES, {"n": n})
    await running_house.until(task, "FINISHED")
    states = await running_house.states(task)
    assert (states[taken], states["how_many"]) == ("FINISHED", "FINISHED")
    assert states[left] in {"PENDING", "NOT_TAKEN"}
    assert [call.inputs["said"] for _, call in running_house.invoker.calls] == [taken]


async def test_branches_run_side_by_side_and_meet_once(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = flow_of(
        {"id": "fork", "kind": "parallel"},
        plugin_node("slow", "hold"),
        plugin_node("a"),
        plugin_node("b"),
        {"id": "meet", "kind": "join"},
        plugin_node("after", inputs={"held": "${nodes.slow.outputs.held}"}),
        edges=["start>fork", "fork>slow", "fork>a", "a>b", "slow>meet", "b>meet", "meet>after", "after>end"],
    )
    task = await house.launch(flow)
    await house.until(task, "FINISHED", node="b")
    assert (await house.states(task))["after"] == "PENDING"
    house.invoker.release.set()
    await house.until(task, "FINISHED")
    assert sorted(house.invoker.executed()) == ["echo", "echo", "echo", "hold"]


async def test_a_node_is_polled_until_it_is_done(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("job", "count", inputs={"times": 3})))
    await house.until(task, "FINISHED")
    assert [kind for kind, _ in house.invoker.calls] == ["execute", "poll", "poll", "poll"]
    (run,) = (await house.client.get(f"/tasks/{task}/nodes/job")).json()["runs"]
    assert (run["outputs"], run["attempt"]) == ({"seen": 3}, 1)


async def _waiting(house: OrchestratorHouse) -> tuple[str, str]:
    task = await house.launch(flow_of(plugin_node("ask", "wait"), outputs={"said": "${nodes.ask.outputs.said}"}))
    await house.until(task, "WAITING_CALLBACK", node="ask")
    return task, "/callbacks/" + house.invoker.calls[0][1].callback_url.rpartition("/")[2]


async def test_a_node_waits_for_its_callback(running_house: OrchestratorHouse) -> None:
    house = running_house
    task, callback = await _waiting(house)
    received = await house.client.post(callback, json={"done": True, "said": "fine"}, headers={"X-Test-User": ""})
    assert received.status_code == 202
    assert (await house.until(task, "FINISHED"))["outputs"] == {"said": "fine"}
    again = await house.client.post(callback, json={"done": True, "said": "late"})
    assert (again.status_code, again.json()["code"]) == (409, "callback_too_late")
    assert (await house.task(task))["outputs"] == {"said": "fine"}


@pytest.mark.parametrize(
    ("content", "status"), [(b"{", 400), (b"", 400), (b'{"a": "\\u0000"}', 422), (b'"' + b"x" * 1_100_000 + b'"', 413)]
)
async def test_a_callback_that_is_no_small_json_is_refused(
    running_house: OrchestratorHouse, database: Database, content: bytes, status: int
) -> None:
    task, callback = await _waiting(running_house)
    refused = await running_house.client.post(callback, content=content)
    assert refused.status_code == status
    assert refused.json()["errors"][0]["field"] in {"body", "a"}
    async with database.reading() as session:
        assert (await session.execute(select(TaskMessage))).first() is None
    assert (await running_house.states(task))["ask"] == "WAITING_CALLBACK"


async def test_a_token_that_is_not_ours_is_unknown(running_house: OrchestratorHouse) -> None:
    _, callback = await _waiting(running_house)
    other = "0" if callback[-1] != "0" else "1"
    for token in (callback[:-1] + other, "/callbacks/x", "/callbacks/%00-", "/callbacks/-"):
        assert (await running_house.client.post(token, json={})).status_code == 404, token


async def test_a_failed_node_stops_its_way_and_goes_on_with_changed_inputs(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(CHECK)
    view = await house.until(task, "FAILED")
    assert (view["nodes"]["look"]["state"], view["nodes"]["look"]["error"]) == ("FAILED", "not ok")
    assert view["nodes"]["after"]["state"] == "PENDING"
    retried = await house.client.post(f"/tasks/{task}/nodes/look:retry", json={"inputs": {"ok": True}})
    assert retried.status_code == 200, retried.text
    assert retried.json()["attempt"] == 2
    await house.until(task, "FINISHED")
    first, second = (await house.client.get(f"/tasks/{task}/nodes/look")).json()["runs"]
    assert (first["state"], first["inputs"], first["error"]) == ("FAILED", {"ok": False, "ip": "x"}, "not ok")
    assert (second["state"], second["inputs"]) == ("FINISHED", {"ok": True, "ip": "x"})
    assert first["id"] != second["id"]


async def test_a_retry_without_changes_runs_the_same_again(running_house: OrchestratorHouse) -> None:
    task = await running_house.launch(CHECK)
    await running_house.until(task, "FAILED")
    assert (await running_house.client.post(f"/tasks/{task}/nodes/look:retry")).json()["attempt"] == 2
    view = await running_house.until(task, "FAILED")
    assert view["nodes"]["look"]["attempt"] == 2


async def test_a_skipped_node_lets_the_task_go_on_without_its_outputs(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(CHECK)
    await house.until(task, "FAILED")
    skipped = await house.client.post(f"/tasks/{task}/nodes/look:skip", json={})
    assert (skipped.status_code, skipped.json()["state"]) == (200, "SKIPPED")
    await house.until(task, "FINISHED")
    assert await house.states(task) == {"look": "SKIPPED", "after": "FINISHED"}


async def test_a_paused_task_begins_no_further_node_until_it_is_resumed(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("now", "hold"), plugin_node("then")))
    await house.until(task, "RUNNING", node="now")
    paused = await house.client.post(f"/tasks/{task}:pause", json={})
    assert (paused.status_code, paused.json()["state"]) == (200, "SUSPENDED")
    house.invoker.release.set()
    await house.until(task, "FINISHED", node="now")
    assert (await house.states(task))["then"] == "PENDING"
    resumed = await house.client.post(f"/tasks/{task}:resume", json={})
    assert resumed.status_code == 200
    await house.until(task, "FINISHED")


async def test_a_revoked_task_is_over_whatever_its_nodes_still_do(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("now", "hold"), plugin_node("then")))
    await house.until(task, "RUNNING", node="now")
    revoked = await house.client.post(f"/tasks/{task}:revoke", json={})
    assert (revoked.status_code, revoked.json()["state"]) == (200, "REVOKED")
    house.invoker.release.set()
    await house.until(task, "FINISHED", node="now")
    assert (await house.states(task))["then"] == "PENDING"
    assert house.invoker.executed() == ["hold"]


@pytest.mark.parametrize(
    ("state", "operation", "reason"),
    [
        ("FINISHED", ":pause", "FINISHED"),
        ("FINISHED", ":resume", "FINISHED"),
        ("FINISHED", ":revoke", "FINISHED"),
        ("FINISHED", "/nodes/one:retry", "FINISHED"),
        ("FINISHED", "/nodes/one:skip", "FINISHED"),
        ("FAILED", ":resume", "FAILED"),
        ("FAILED", "/nodes/after:retry", "PENDING"),
        ("FAILED", "/nodes/after:skip", "PENDING"),
        ("FAILED", "/nodes/strict:skip", "not allow"),
    ],
)
async def test_what_is_not_possible_now_is_refused_with_the_reason(
    running_house: OrchestratorHouse, database: Database, state: str, operation: str, reason: str
) -> None:
    house = running_house
    finished = flow_of(plugin_node("one"))
    failed = flow_of(
        plugin_node("strict", "check", skippable=False),
        plugin_node("after"),
        edges=["start>strict", "strict>after", "after>end"],
    )
    task = await house.launch(finished if state == "FINISHED" else failed)
    before = await house.until(task, state)
    refused = await house.client.post(f"/tasks/{task}{operation}", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_operation")
    assert reason in refused.json()["detail"]
    assert await house.task(task) == before
    async with database.reading() as session:
        assert (await session.execute(select(TaskMessage))).first() is None


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/nodes/gone:retry", {}, 404, None),
        ("/nodes/look:retry", {"inputs": []}, 422, "inputs"),
        ("/nodes/look:retry", {"inputs": {"a": "\x00"}}, 422, "inputs.a"),
        ("/nodes/look:retry", {"values": {}}, 422, "values"),
    ],
)
async def test_a_wrong_retry_is_refused(
    running_house: OrchestratorHouse, path: str, body: dict[str, Any], status: int, field: str | None
) -> None:
    task = await running_house.launch(CHECK)
    await running_house.until(task, "FAILED")
    refused = await running_house.client.post(f"/tasks/{task}{path}", json=body)
    assert refused.status_code == status
    assert field is None or refused.json()["errors"][0]["field"] == field


async def test_who_may_watch_may_not_operate(running_house: OrchestratorHouse) -> None:
    task = await running_house.launch(CHECK)
    await running_house.until(task, "FAILED")
    for operation in (":pause", ":revoke", "/nodes/look:retry", "/nodes/look:skip"):
        refused = await running_house.client.post(f"/tasks/{task}{operation}", headers=as_user("viewer"))
        assert refused.status_code == 403, operation
    assert (await running_house.client.get(f"/tasks/{task}", headers=as_user("viewer"))).status_code == 200


async def test_a_launcher_repeats_and_skips_but_does_not_change_what_a_node_does(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    flow = await house.publish(CHECK)
    house.authorizer.allow("alice", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    alice = as_user("alice")
    task = (await house.client.post(f"/flows/{flow}/tasks", json={}, headers=alice)).json()["id"]
    await house.until(task, "FAILED")
    retry = f"/tasks/{task}/nodes/look:retry"
    refused = await house.client.post(retry, json={"inputs": {"ok": True}}, headers=alice)
    assert refused.status_code == 403, refused.text
    assert (await house.task(task))["nodes"]["look"]["attempt"] == 1
    assert (await house.client.post(retry, json={"inputs": {}}, headers=alice)).json()["attempt"] == 2
    await house.until(task, "FAILED")
    assert (await house.client.post(f"/tasks/{task}/nodes/look:skip", headers=alice)).status_code == 200


async def test_every_operation_is_in_history_and_in_the_audit_log(
    running_house: OrchestratorHouse, database: Database
) -> None:
    house = running_house
    task = await house.launch(CHECK, by="dev")
    await house.until(task, "FAILED")
    dev = as_user("dev")
    await house.client.post(f"/tasks/{task}:pause", headers=dev)
    await house.client.post(f"/tasks/{task}:resume", headers=dev)
    await house.client.post(f"/tasks/{task}/nodes/look:retry", json={"inputs": {"ok": True}}, headers=dev)
    await house.until(task, "FINISHED")
    history = (await house.client.get(f"/tasks/{task}/history?limit=500")).json()["items"]
    assert [entry["sequence"] for entry in history] == list(range(1, len(history) + 1))
    operations = [entry["data"] for entry in history if entry["kind"] == "operation"]
    assert [(each["operation"], each["actor"]) for each in operations] == [
        ("pause", "dev"),
        ("resume", "dev"),
        ("retry", "dev"),
    ]
    async with database.reading() as session:
        found = await session.execute(
            select(AuditRecord).where(col(AuditRecord.task_id) == task).order_by(col(AuditRecord.id))
        )
        records = list(found.scalars())
    assert [record.action for record in records] == [
        "task.launched",
        "task.pause_requested",
        "task.resume_requested",
        "task.retry_requested",
    ]
    assert {record.actor for record in records} == {"dev"}
    assert records[-1].after == {"operation": "retry", "node": "look", "changed_inputs": ["ok"]}


async def test_the_event_stream_tells_the_whole_story_live(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("now", "hold"), plugin_node("job", "count", inputs={"times": 2})))
    await house.until(task, "RUNNING", node="now")
    events = await house.unit.feeds.open(task, 0)
    assert events is not None
    house.invoker.release.set()
    text = b"".join([chunk async for chunk in events]).decode()
    ids = [int(line.removeprefix("id: ")) for line in text.splitlines() if line.startswith("id: ")]
    assert ids == sorted(ids)
    assert text.count("event: task") >= 3
    for state in ('"state":"POLLING"', '"node_id":"now"', '"state":"FINISHED"'):
        assert state in text
    history = (await house.client.get(f"/tasks/{task}/history?limit=500")).json()["items"]
    assert ids[-1] == history[-1]["sequence"]


async def test_tasks_go_on_in_the_next_process(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("now", "hold"), plugin_node("then")))
    await house.until(task, "RUNNING", node="now")
    await house.unit.stop()
    house.invoker.release.set()
    successor = house.successor()
    await successor.start()
    try:
        await house.until(task, "FINISHED")
    finally:
        await successor.stop()
    runs = [call.node_run_id for kind, call in house.invoker.calls if call.plugin == "hold"]
    assert len(runs) == 2
    assert len(set(runs)) == 1
