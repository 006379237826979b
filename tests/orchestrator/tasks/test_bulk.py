"""One operation on many tasks: each answers for itself."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from orchestrator.runtime.models import TaskMessage
from orchestrator.tasks import bulk
from orchestrator.tasks.operations import Asked, OperationService
from tests.orchestrator.tasks.rows import AT, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user
from tests.support.patience import until


@pytest.fixture(autouse=True)
def at_rest(house: OrchestratorHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_SECONDS", 0.0)
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]


async def _operate(house: OrchestratorHouse, by: str = "dev", **body: Any) -> dict[str, dict[str, Any]]:
    """Task → result."""
    answered = await house.client.post("/tasks:operate", json=body, headers=as_user(by))
    assert answered.status_code == 200, answered.text
    return {each["task_id"]: each for each in answered.json()["items"]}


async def _messages(database: Database) -> list[tuple[str, str, str | None]]:
    async with database.reading() as session:
        found = (await session.execute(select(TaskMessage).order_by(col(TaskMessage.id)))).scalars()
        return [(each.task_id, each.kind, each.node_id) for each in found]


async def _settle(database: Database, reason: str | None) -> None:
    await until(lambda: _messages(database))
    async with database.unit_of_work() as session:
        await session.execute(update(TaskMessage).values(settled_at=AT, reason=reason))


async def test_each_task_is_asked_checked_and_recorded_by_itself(house: OrchestratorHouse, database: Database) -> None:
    mine, over, foreign = await created_task(house), await created_task(house), await created_task(house, by="admin")
    await Script(database, over).task("FINISHED", {})
    house.authorizer.rules = {rule for rule in house.authorizer.rules if rule[0] != "dev"}
    found = await _operate(house, operation="revoke", tasks=[mine, over, foreign, "0" * 32, mine])
    assert {task: (each["outcome"], each["code"]) for task, each in found.items()} == {
        mine: ("accepted", ""),
        over: ("refused", "illegal_operation"),
        foreign: ("refused", "permission_denied"),
        "0" * 32: ("refused", "not_found"),
    }
    assert "FINISHED" in found[over]["reason"]
    assert await _messages(database) == [(mine, "revoke", None)]
    async with database.reading() as session:
        action = col(AuditRecord.action) == "task.revoke_requested"
        (noted,) = (await session.execute(select(AuditRecord).where(action))).scalars()
    assert (noted.resource_id, noted.actor) == (mine, "dev")


async def test_retry_is_of_every_failed_node_and_force_fail_of_every_node_under_way(
    house: OrchestratorHouse, database: Database
) -> None:
    task, idle = await created_task(house), await created_task(house)
    script = Script(database, task)
    await script.task("FAILED")
    await script.node("find", "FAILED", 1)
    await script.node("df", "RUNNING", 2)
    retried = await _operate(house, operation="retry", tasks=[task, idle])
    assert (retried[task]["nodes"], retried[idle]["reason"]) == (["find"], "no node of the task has failed")
    assert (await _operate(house, operation="force_fail", tasks=[task]))[task]["nodes"] == ["df"]
    assert await _messages(database) == [(task, "retry", "find"), (task, "force_fail", "df")]


async def test_what_failed_in_a_part_that_was_skipped_is_not_retried(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("FAILED")
    for number, (node, state) in enumerate([("find", "SKIPPED"), ("find.a", "FAILED"), ("df", "FAILED")], start=1):
        await script.node(node, state, number)
    retried = (await _operate(house, operation="retry", tasks=[task]))[task]
    assert (retried["nodes"], retried["reason"]) == (["df"], "")


async def test_some_tasks_are_asked_for_at_once_and_answered_in_their_order(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [await created_task(house) for _ in range(2 * bulk.AT_ONCE)]
    over = tasks[1]
    await Script(database, over).task("FINISHED", {})
    under_way, most = 0, 0
    ask = OperationService.ask

    async def counted(self: OperationService, session: Any, principal: Any, task: str, operation: Any) -> Asked:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await ask(self, session, principal, task, operation)
        finally:
            under_way -= 1

    monkeypatch.setattr(OperationService, "ask", counted)
    found = await _operate(house, operation="revoke", tasks=tasks)
    assert (list(found), most) == (tasks, bulk.AT_ONCE)
    assert [task for task, each in found.items() if each["outcome"] == "refused"] == [over]
    assert len(await _messages(database)) == len(tasks) - 1


@pytest.mark.parametrize(("reason", "outcome"), [(None, "done"), ("it had ended meanwhile", "refused")])
async def test_what_the_owner_says_meanwhile_is_told(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch, reason: str | None, outcome: str
) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_SECONDS", 30.0)
    task = await created_task(house)
    found, _ = await asyncio.gather(_operate(house, operation="revoke", tasks=[task]), _settle(database, reason))
    assert (found[task]["outcome"], found[task]["reason"]) == (outcome, reason or "")


async def test_a_filter_says_which(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [await created_task(house) for _ in range(3)]
    await Script(database, tasks[0]).task("RUNNING")
    wanted = {"project": "shop", "state": ["CREATED"], "created_by": "dev"}
    assert set(await _operate(house, operation="revoke", filter=wanted)) == set(tasks[1:])
    monkeypatch.setattr(bulk, "MOST_TASKS", 1)
    answered = await house.client.post("/tasks:operate", json={"operation": "revoke", "filter": wanted})
    assert (len(answered.json()["items"]), answered.json()["more"]) == (1, True)
    refused = await house.client.post(
        "/tasks:operate", json={"operation": "revoke", "filter": wanted}, headers=as_user("nobody")
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "revoke"},
        {"operation": "revoke", "tasks": ["0" * 32], "filter": {"project": "shop"}},
        {"operation": "delete", "tasks": ["0" * 32]},
        {"operation": "revoke", "tasks": ["0" * 32] * 201},
        {"operation": "revoke", "filter": {"project": "shop", "since": "0001-01-01T00:00:00+14:00"}},
        {"operation": "revoke", "filter": {"project": "shop", "flow": "x"}},
    ],
)
async def test_what_says_not_which_tasks_is_refused(
    house: OrchestratorHouse, database: Database, body: dict[str, Any]
) -> None:
    await created_task(house)
    assert (await house.client.post("/tasks:operate", json=body)).status_code == 422
    assert await _messages(database) == []
