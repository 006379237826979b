"""Operations at their edges: no owner, an owner that has moved on, inputs that don't fit."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from kernel.clock import ManualClock
from kernel.db.database import Database
from orchestrator.launch.models import LaunchKey
from orchestrator.launch.repository import forget_keys
from orchestrator.runtime.models import TaskMessage
from orchestrator.tasks import operations
from tests.orchestrator.tasks.rows import AT, DEFINITION, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user

STRICT = plugin(
    "echo",
    inputs={
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1},
            "text": {"type": "string"},
            "token": {"type": "string", "writeOnly": True},
        },
        "required": ["n", "text"],
        "additionalProperties": False,
    },
)


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]


async def _messages(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(TaskMessage))).scalar_one()


async def test_an_operation_nobody_carries_out_yet_is_accepted_and_kept(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PATIENCE_SECONDS", 0.1)
    task = await created_task(house)
    accepted = await house.client.post(f"/tasks/{task}:revoke")
    assert (accepted.status_code, accepted.json()["state"]) == (202, "CREATED")
    async with database.reading() as session:
        message = (await session.execute(select(TaskMessage))).scalar_one()
    assert (message.task_id, message.kind, message.actor, message.settled_at) == (task, "revoke", "admin", None)


async def test_an_operation_its_task_has_left_behind_is_refused_with_the_owner_s_reason(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    asking = asyncio.create_task(house.client.post(f"/tasks/{task}:revoke"))
    while not await _messages(database):  # noqa: ASYNC110  it is the database that is watched
        await asyncio.sleep(0.02)
    async with database.unit_of_work() as session:
        settled = update(TaskMessage).where(col(TaskMessage.task_id) == task)
        await session.execute(settled.values(settled_at=AT, reason="a task that is FINISHED cannot revoke"))
    refused = await asking
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_operation")
    assert refused.json()["detail"] == "a task that is FINISHED cannot revoke"


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"n": 0}, "/inputs/n"),
        ({"n": "1"}, "/inputs/n"),
        ({"other": 1}, "/inputs/other"),
        ({"text": None}, "/inputs/text"),
        ({"token": "another-secret"}, "/inputs/token"),
    ],
)
async def test_changed_inputs_that_do_not_fit_the_plugin_are_refused(
    house: OrchestratorHouse, database: Database, inputs: dict[str, object], field: str
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.node("find", "FAILED", 1, error="x")
    await script.task("FAILED")
    house.plugins.by_project[PROJECT.id] = [STRICT]
    refused = await house.client.post(f"/tasks/{task}/nodes/find:retry", json={"inputs": inputs})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert await _messages(database) == 0


async def test_one_changed_input_needs_no_others(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PATIENCE_SECONDS", 0.0)
    task = await created_task(house)
    script = Script(database, task)
    await script.node("find", "FAILED", 1, error="x")
    await script.task("FAILED")
    house.plugins.by_project[PROJECT.id] = [STRICT]
    accepted = await house.client.post(f"/tasks/{task}/nodes/find:retry", json={"inputs": {"n": 3}})
    assert accepted.status_code == 202
    async with database.reading() as session:
        message = (await session.execute(select(TaskMessage))).scalar_one()
    assert (message.kind, message.node_id, message.data) == ("retry", "find", {"inputs": {"n": 3}})


async def test_old_launch_keys_are_forgotten(house: OrchestratorHouse, database: Database, clock: ManualClock) -> None:
    flow = await house.publish(DEFINITION)
    for key in ("old", "new"):
        await house.client.post(f"/flows/{flow}/tasks", json={}, headers=as_user("dev") | {"Idempotency-Key": key})
        clock.advance(days=7)
    async with database.unit_of_work() as session:
        await forget_keys(session, clock.now() - timedelta(days=10))
    async with database.reading() as session:
        assert [kept.key for kept in (await session.execute(select(LaunchKey))).scalars()] == ["new"]
