from typing import Any

import pytest
from httpx import Response
from sqlalchemy import update
from sqlmodel import col

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.db.pages import PageRequest
from kernel.principal import Principal, PrincipalKind
from orchestrator.runtime.models import NodeCall, NodeLog, Task
from orchestrator.tasks.filters import TaskFilter
from tests.orchestrator.tasks.rows import AT, DEFINITION, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]


async def test_tasks_are_listed_newest_first_by_state_and_page(
    house: OrchestratorHouse, database: Database, clock: ManualClock
) -> None:
    tasks = [await created_task(house) for _ in range(3)]
    await Script(database, tasks[1]).task("FINISHED", {"large": "x" * 1000})
    first = (await house.client.get("/projects/shop/tasks?limit=2")).json()
    rest = (await house.client.get("/projects/shop/tasks", params={"limit": 2, "cursor": first["next"]})).json()
    assert [task["id"] for task in first["items"] + rest["items"]] == tasks[::-1]
    (finished,) = (await house.client.get("/projects/shop/tasks?state=FINISHED")).json()["items"]
    assert (finished["id"], finished["flow_name"], finished["created_by"]) == (tasks[1], "Check disks", "dev")
    assert not {"inputs", "outputs", "definition", "nodes"} & finished.keys()
    assert (await house.client.get(f"/projects/{OTHER_PROJECT.code}/tasks")).json()["items"] == []
    assert (await house.client.get("/projects/shop/tasks?state=LOST")).status_code == 422
    assert (await house.client.get("/projects/shop/tasks", headers=as_user("nobody"))).status_code == 403


async def test_a_list_is_narrowed_by_flow_person_time_name_and_what_started_them(
    house: OrchestratorHouse, database: Database
) -> None:
    mine, hers = await created_task(house), await created_task(house, by="admin")
    async with database.unit_of_work() as session:
        values = {"origin": "schedule", "origin_id": "a" * 32, "origin_name": "nightly", "name": "Night 100%"}
        await session.execute(update(Task).where(col(Task.id) == mine).values(values))
    flow = (await house.task(hers))["flow_id"]

    async def listed(**wanted: Any) -> list[str]:
        found = await house.client.get("/projects/shop/tasks", params=wanted)
        assert found.status_code == 200, found.text
        return [task["id"] for task in found.json()["items"]]

    assert await listed(flow=flow) == await listed(created_by="admin") == await listed(origin="manual") == [hers]
    assert await listed(origin="schedule", origin_id="a" * 32) == await listed(name="100%") == [mine]
    assert await listed(name="0_%") == await listed(since="2026-01-02T03:04:06Z") == []
    assert await listed(until="2026-01-02T03:04:05Z", state=["CREATED", "FAILED"]) == [hers, mine]
    task = await house.task(mine)
    assert (task["origin"], task["origin_id"], task["origin_name"]) == ("schedule", "a" * 32, "nightly")
    for wrong in ({"since": "0001-01-01T00:00:00+14:00"}, {"flow": "x"}, {"origin": "x"}, {"name": "\x00"}):
        assert (await house.client.get("/tasks", params=wrong)).status_code == 422


async def test_everybody_lists_the_tasks_he_launched_and_no_others(
    house: OrchestratorHouse, database: Database
) -> None:
    own, finished = await created_task(house), await created_task(house)
    await Script(database, finished).task("FINISHED", {})
    listed = (await house.client.get("/tasks", headers=as_user("dev"))).json()["items"]
    assert [task["id"] for task in listed] == [finished, own]
    (only,) = (await house.client.get("/tasks?state=FINISHED", headers=as_user("dev"))).json()["items"]
    assert only["id"] == finished
    assert (await house.client.get("/tasks", headers=as_user("nobody"))).json() == {"items": [], "next": None}


async def test_a_credential_for_one_project_lists_none_of_another(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    async with database.reading() as session:
        for project, wanted in ((PROJECT, [task]), (OTHER_PROJECT, [])):
            confined = Principal(PrincipalKind.USER, "dev", confined_to=project.id)
            found = await house.unit.tasks.list_own(session, confined, TaskFilter(), PageRequest())
            assert [each.id for each in found.items] == wanted


async def test_a_task_shows_every_node_of_its_definition_by_its_latest_run(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("RUNNING")
    await script.node("find", "FAILED", 1, error="no such host")
    await script.node("find", "RUNNING", 2)
    view = (await house.client.get(f"/tasks/{task}", headers=as_user("viewer"))).json()
    assert list(view["nodes"]) == ["start", "find", "df", "end"]
    assert view["nodes"]["find"]["state"] == "RUNNING"
    assert view["nodes"]["df"] == {
        "node_id": "df",
        "state": "PENDING",
        "attempt": 0,
        "loop": 0,
        "paused": False,
        "started_at": None,
        "finished_at": None,
        "error": None,
    }
    assert view["created_at"] == "2026-01-02T03:04:05Z"
    assert view["definition"]["nodes"][1]["name"] == "Find host"


async def test_a_node_shows_each_attempt_with_what_it_called_and_logged(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.node("find", "FAILED", 1, error="no such host")
    await script.node("find", "FINISHED", 2)
    async with database.unit_of_work() as session:
        for run, key in ((1, "k:1"), (2, "")):
            session.add(
                NodeCall(
                    task_id=task,
                    run_id=f"{task}.{run}",
                    at=AT,
                    idempotency_key=key,
                    component="cmdb.search",
                    status=200,
                    request_id="r",
                )
            )
        session.add(NodeLog(task_id=task, run_id=f"{task}.2", at=AT, message="found it"))
    detail = (await house.client.get(f"/tasks/{task}/nodes/find")).json()
    assert detail["state"] == "FINISHED"
    first, second = detail["runs"]
    assert (first["state"], first["error"], first["log"]) == ("FAILED", "no such host", [])
    assert first["calls"][0]["idempotency_key"] == "k:1"
    assert second["calls"][0]["idempotency_key"] is None
    assert second["log"] == [{"at": "2026-01-02T03:04:06Z", "message": "found it"}]
    pending = (await house.client.get(f"/tasks/{task}/nodes/df")).json()
    nothing = {"event": None, "held_by": [], "lock": None, "absent_approvers": []}
    assert pending == {"node_id": "df", "state": "PENDING", "runs": [], **nothing}


async def test_history_is_read_page_by_page_in_order(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("RUNNING")
    await script.node("find", "FINISHED", 1)
    await script.operation("pause", "dev")
    first = (await house.client.get(f"/tasks/{task}/history?limit=2")).json()
    rest = (await house.client.get(f"/tasks/{task}/history", params={"limit": 2, "cursor": first["next"]})).json()
    entries = first["items"] + rest["items"]
    assert [(entry["sequence"], entry["kind"], entry["node_id"]) for entry in entries] == [
        (1, "task", None),
        (2, "node", "find"),
        (3, "operation", None),
    ]
    assert entries[2]["data"] == {"operation": "pause", "actor": "dev"}
    assert rest["next"] is None


async def test_what_is_not_there_is_not_found(house: OrchestratorHouse) -> None:
    task = await created_task(house)
    for path in (f"/tasks/{'0' * 32}", "/tasks/%00", f"/tasks/{task}/nodes/gone", f"/tasks/{task}/nodes/%00"):
        assert (await house.client.get(path)).status_code == 404, path
    for path in (f"/tasks/{task}", f"/tasks/{task}/nodes/find", f"/tasks/{task}/history"):
        assert (await house.client.get(path, headers=as_user("nobody"))).status_code == 403, path


async def test_a_task_whose_definition_was_lost_says_so(house: OrchestratorHouse, database: Database) -> None:
    flow = await house.publish(DEFINITION)

    async def launch() -> Response:
        return await house.client.post(f"/flows/{flow}/tasks", json={}, headers={"Idempotency-Key": "once"})

    task = (await launch()).json()["id"]
    async with database.unit_of_work() as session:
        await session.execute(update(Task).where(col(Task.id) == task).values(definition_id="lost"))
    asked = [await house.client.get(f"/tasks/{task}{part}") for part in ("", "/nodes/a")]
    for answer in (*asked, await launch()):
        assert (answer.status_code, answer.json()["code"]) == (409, "definition_missing")
    assert (await house.client.get(f"/tasks/{task}/history")).status_code == 200
    assert [each["id"] for each in (await house.client.get("/projects/shop/tasks")).json()["items"]] == [task]


async def test_several_tasks_tell_how_they_stand_as_far_as_one_may_see_them(
    house: OrchestratorHouse, database: Database
) -> None:
    one, two = await created_task(house), await created_task(house)
    await Script(database, one).task("FINISHED", {})
    body = {"tasks": [two, "f" * 32, one, two]}
    found = (await house.client.post("/tasks:status", json=body)).json()["items"]
    assert [(task["id"], task["state"]) for task in found] == [(two, "CREATED"), (one, "FINISHED")]
    assert (await house.client.post("/tasks:status", json=body, headers=as_user("nobody"))).json()["items"] == []
    assert (await house.client.post("/tasks:status", json={"tasks": []})).status_code == 422


async def test_a_history_is_read_by_kind(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    await Script(database, task).task("FINISHED", {})
    found = (await house.client.get(f"/tasks/{task}/history?kind=task")).json()["items"]
    assert [entry["data"]["state"] for entry in found] == ["FINISHED"]
    assert (await house.client.get(f"/tasks/{task}/history?kind=operation")).json()["items"] == []
    for wrong in (
        f"/tasks/{task}/history?kind=other",
        f"/tasks/{task}/history?node=%00",
        "/projects/shop/flows?name=%00",
    ):
        assert (await house.client.get(wrong)).status_code == 422
