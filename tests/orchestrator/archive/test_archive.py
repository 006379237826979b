"""Tasks that ended long ago leave the runtime's tables with all that is known of them; none that is needed does."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlmodel import SQLModel, col, select

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.secret_handles import MASK, handle_of
from orchestrator.archive.archiver import Archiver
from orchestrator.runtime.models import NodeCall, NodeLog, NodeRun, Task, TaskEvent, TaskMessage
from tests.orchestrator.tasks.rows import AT, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of
from tests.support.runtime import send

LIVE_TABLES: tuple[type[SQLModel], ...] = (Task, NodeRun, NodeCall, NodeLog, TaskEvent, TaskMessage)


@pytest.fixture
def archiver(house: OrchestratorHouse) -> Archiver:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    return Archiver(house.database, house.kernel.clock, 30)


async def ended_task(house: OrchestratorHouse, state: str = "FINISHED") -> str:
    task = await created_task(house)
    script = Script(house.database, task)
    await script.node("find", "FINISHED", 2)
    await script.task(state, {"answer": 42})
    message = await send(house.database, task, "pause", actor="ann")
    async with house.database.unit_of_work() as session:
        given = {"task_id": task, "run_id": f"{task}.2", "at": AT}
        session.add(NodeCall(idempotency_key="k", component="cmdb.find", status=200, request_id="r", **given))
        session.add(NodeLog(message="found it", **given))
        await session.execute(update(TaskMessage).where(col(TaskMessage.id) == message).values(settled_at=AT))
        values = {"finished_at": AT, "start_at": AT, "counter": 2}
        await session.execute(update(Task).where(col(Task.id) == task).values(**values))
    return task


async def change(house: OrchestratorHouse, task: str, **values: Any) -> None:
    async with house.database.unit_of_work() as session:
        await session.execute(update(Task).where(col(Task.id) == task).values(**values))


async def left(house: OrchestratorHouse) -> dict[str, int]:
    """Rows by table, of those that have any."""
    async with house.database.reading() as session:
        counts = {
            table.__name__: (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in LIVE_TABLES
        }
    return {name: count for name, count in counts.items() if count}


async def test_what_is_archived_is_gone_from_the_tables_and_read_as_it_was(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    task = await ended_task(house)
    before = await house.task(task)
    assert not await archiver.archive_some()
    clock.advance(days=31)
    assert await archiver.archive_some()
    assert await left(house) == {}
    assert not await archiver.archive_some()
    (listed,) = (await house.client.get("/projects/shop/archived-tasks")).json()["items"]
    kept = (await house.client.get(f"/archived-tasks/{task}", headers=as_user("dev"))).json()
    for name in ("id", "flow_id", "name", "state", "created_by", "created_at", "finished_at", "definition", "outputs"):
        assert kept[name] == before[name]
        assert listed.get(name, before[name]) == before[name]
    assert [(run["node_id"], run["state"], run["number"]) for run in kept["runs"]] == [("find", "FINISHED", 2)]
    assert [entry["kind"] for entry in kept["history"]] == ["node", "task"]
    assert [(each["kind"], each["actor"]) for each in kept["operations"]] == [("pause", "ann")]
    assert [call["component"] for call in kept["calls"]] == ["cmdb.find"]
    assert [line["message"] for line in kept["log"]] == ["found it"]
    gone = await house.client.get(f"/tasks/{task}")
    assert (gone.status_code, f"/v1/archived-tasks/{task}" in gone.json()["detail"]) == (404, True)


async def test_secrets_are_hidden_in_the_archive_too(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    task, handle = await ended_task(house), handle_of("a" * 32)
    await change(house, task, inputs={"key": handle}, outputs={"said": f"with {handle}"})
    async with house.database.unit_of_work() as session:
        await session.execute(update(NodeRun).values(inputs={"key": handle}, storage={"session": "s3"}))
        await session.execute(update(NodeLog).values(message=f"sent {handle}"))
        await session.execute(update(TaskEvent).values(data={"inputs": {"key": handle}}))
    clock.advance(days=31)
    await archiver.archive_some()
    kept = await house.client.get(f"/archived-tasks/{task}")
    assert "{secret:" not in kept.text
    assert (kept.json()["inputs"], kept.json()["log"][0]["message"]) == ({"key": MASK}, f"sent {MASK}")
    assert "s3" not in kept.text, "what a plugin keeps for itself is shown nowhere"


async def test_the_archive_is_read_by_whoever_may_see_the_task(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    task = await ended_task(house)
    clock.advance(days=31)
    await archiver.archive_some()
    for path in (f"/archived-tasks/{task}", "/projects/shop/archived-tasks"):
        assert (await house.client.get(path, headers=as_user("stranger"))).status_code == 403
    assert (await house.client.get("/archived-tasks/none")).status_code == 404
    async with house.database.reading() as session:
        entries = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == "task.archived"))
        assert [entry.task_id or entry.resource_id for entry in entries.scalars()] == [task]


@pytest.mark.parametrize("reason", ["live", "message", "owner", "untold", "failed"])
async def test_what_is_still_needed_stays(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock, reason: str
) -> None:
    task = await ended_task(house, "REVOKED")
    match reason:
        case "live":
            async with house.database.unit_of_work() as session:
                await session.execute(update(NodeRun).values(state="POLLING"))
        case "message":
            await send(house.database, task, "callback")
        case "owner":
            await change(house, task, lease_owner="one")
        case "untold":
            await change(house, task, told="RUNNING")
        case _:
            await change(house, task, state="FAILED")
    clock.advance(days=31)
    assert not await archiver.archive_some()
    assert (await left(house))["Task"] == 1


async def test_a_task_that_changes_while_it_is_read_stays_whole(
    house: OrchestratorHouse, archiver: Archiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await ended_task(house)
    before = await left(house)

    async def changed_meanwhile(*_given: Any) -> bytes:
        await change(house, task, fence=7)
        return b""

    monkeypatch.setattr(asyncio, "to_thread", changed_meanwhile)
    assert not await archiver.archive(task)
    assert await left(house) == before


async def test_two_workers_archive_a_task_once(house: OrchestratorHouse, archiver: Archiver) -> None:
    task = await ended_task(house)
    assert sorted(await asyncio.gather(archiver.archive(task), archiver.archive(task))) == [False, True]
    assert len((await house.client.get("/projects/shop/archived-tasks")).json()["items"]) == 1


async def test_a_project_says_how_long_its_tasks_stay(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    await ended_task(house)
    assert (await house.client.get("/projects/shop/task-retention")).json() == {
        "days": None,
        "archive_days": None,
        "own": False,
    }
    refused = await house.client.put("/projects/shop/task-retention", json={"days": 1}, headers=as_user("dev"))
    assert refused.status_code == 403
    assert (await house.client.put("/projects/shop/task-retention", json={"days": 0})).status_code == 422
    for_ever = await house.client.put("/projects/shop/task-retention", json={"days": None})
    assert for_ever.json() == {"days": None, "archive_days": None, "own": True}
    clock.advance(days=31)
    assert not await archiver.archive_some()
    await house.client.put("/projects/shop/task-retention", json={"days": 31})
    assert not await archiver.archive_some()
    clock.advance(seconds=2)
    assert await archiver.archive_some()


async def archived_task(house: OrchestratorHouse, archiver: Archiver, clock: ManualClock) -> str:
    task = await ended_task(house)
    clock.advance(days=31)
    assert await archiver.archive_some()
    return task


async def test_nothing_is_removed_until_somebody_says_so_and_then_it_is_told(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    task = await archived_task(house, archiver, clock)
    clock.advance(days=10_000)
    assert not await archiver.remove_some()
    said = await house.client.put("/projects/shop/task-retention", json={"days": 30, "archive_days": 10_001})
    assert said.json() == {"days": 30, "archive_days": 10_001, "own": True}
    assert not await archiver.remove_some()
    clock.advance(days=2)
    assert sorted(await asyncio.gather(archiver.remove(task), archiver.remove(task))) == [False, True]
    assert (await house.client.get(f"/archived-tasks/{task}")).status_code == 404
    async with house.database.reading() as session:
        found = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == "archived_task.removed"))
        (entry,) = found.scalars()
    assert (entry.resource_id, entry.project_id, (entry.before or {})["state"]) == (task, PROJECT.id, "FINISHED")


async def test_the_platforms_setting_holds_for_projects_that_say_nothing(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    await archived_task(house, archiver, clock)
    strict = Archiver(house.database, clock, 30, 5)
    await house.client.put("/projects/shop/task-retention", json={"days": 30})
    clock.advance(days=6)
    assert not await strict.remove_some()
    assert (await house.client.delete("/projects/shop/task-retention", headers=as_user("dev"))).status_code == 403
    assert (await house.client.delete("/projects/shop/task-retention")).json()["own"] is False
    assert await strict.work()
    assert (await house.client.get("/projects/shop/archived-tasks")).json()["items"] == []


async def test_an_archived_task_is_started_anew_with_its_inputs(
    house: OrchestratorHouse, archiver: Archiver, clock: ManualClock
) -> None:
    task = await archived_task(house, archiver, clock)
    path = f"/archived-tasks/{task}:rerun"
    for nobody in ("stranger", "viewer"):
        assert (await house.client.post(path, json={}, headers=as_user(nobody))).status_code == 403
    key = {"Idempotency-Key": "once", **as_user("dev")}
    made = await house.client.post(path, json={"name": "Again"}, headers=key)
    assert made.status_code == 201, made.text
    view = made.json()
    assert (view["name"], view["revision"], view["origin"], view["origin_id"]) == ("Again", 1, "rerun", task)
    assert (await house.client.post(path, json={"name": "Again"}, headers=key)).json()["id"] == view["id"]
    gone = await house.client.post(path, json={"revision": 9}, headers=as_user("dev"))
    assert gone.status_code == 404


async def test_secrets_are_given_anew(house: OrchestratorHouse, archiver: Archiver, clock: ManualClock) -> None:
    secret = {"type": "string", "writeOnly": True}
    form = {"schema": {"type": "object", "properties": {"host": {"type": "string"}, "password": secret}}}
    task = await house.launch(flow_of(form=form), {"host": "db1", "password": "correct horse"})
    await change(house, task, state="FINISHED", finished_at=AT, start_at=AT)
    clock.advance(days=31)
    assert await archiver.archive_some()
    kept = (await house.client.get(f"/archived-tasks/{task}")).json()
    assert kept["inputs"] == {"host": "db1", "password": "******"}
    path = f"/archived-tasks/{task}:rerun"
    for inputs in (None, kept["inputs"], {"host": "db2"}):
        refused = await house.client.post(path, json={"inputs": inputs})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/password")
    again = await house.client.post(path, json={"inputs": {"host": "db2", "password": "battery staple"}})
    assert again.status_code == 201, again.text
    assert again.json()["inputs"] == {"host": "db2", "password": "******"}
