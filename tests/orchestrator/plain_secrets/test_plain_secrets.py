"""Rows with secrets as they were kept before such were sealed: found, sealed in everything, and still of use."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import SQLModel, col

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.principal import system_principal
from kernel.secret_handles import handles_in, with_secrets
from orchestrator.archive.archiver import Archiver
from orchestrator.plain_secrets.service import Keeper
from orchestrator.runtime.models import NodeLog, NodeRun, Task, TaskEvent, TaskMessage
from orchestrator.schedules.models import Schedule
from orchestrator.secret_inputs.models import SecretInput
from orchestrator.triggers.models import Trigger
from tests.orchestrator.secret_inputs.test_secret_inputs import FORM, GIVEN, SECRET, everything_kept
from tests.support.contracts import ADMIN
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

DOCTOR = system_principal("doctor")
_TABLES: tuple[type[SQLModel], ...] = (Task, NodeRun, TaskEvent, TaskMessage, NodeLog, Schedule, Trigger)
FAILING = plugin_node("log_in", "check", inputs={"ok": False, "line": "-p ${inputs.password}"})
ASK = {"id": "ask", "kind": "confirm", "message": "Which?", "form": FORM}


async def unseal(house: OrchestratorHouse) -> None:
    """Has all rows keep their secrets as they were typed, as versions before did."""
    async with house.database.unit_of_work() as session:
        for table in _TABLES:
            for row in (await session.execute(select(table))).scalars():
                for name, value in row.model_dump().items():
                    if handles := handles_in(value):
                        setattr(row, name, with_secrets(value, dict.fromkeys(handles, SECRET)))
        await session.execute(delete(SecretInput))


async def sealed(house: OrchestratorHouse) -> list[Keeper]:
    """Those that were found and sealed."""
    found = await house.unit.plain_secrets.find()
    assert [await house.unit.plain_secrets.seal(DOCTOR, each) for each in found] == [True] * len(found)
    return list(found)


async def test_a_task_is_sealed_in_all_it_left_and_goes_on(running_house: OrchestratorHouse) -> None:
    house = running_house
    task = await house.launch(flow_of(ASK, FAILING, form=FORM), GIVEN)
    await house.until(task, "WAITING_DECISION", "ask")
    await house.client.post(f"/tasks/{task}/nodes/ask:decide", json={"data": {**GIVEN, "password": "another one"}})
    await house.until(task, "FAILED")
    await unseal(house)
    assert SECRET in await everything_kept(house.database)
    (found,) = await sealed(house)
    assert found == Keeper("task", task, PROJECT.id)
    assert SECRET not in await everything_kept(house.database)
    assert not await house.unit.plain_secrets.seal(DOCTOR, found), "what is sealed stays so"
    async with house.database.reading() as session:
        entries = (await session.execute(select(AuditRecord.resource_kind, AuditRecord.action))).all()
    assert ("task", "secret_inputs.sealed") in [tuple(entry) for entry in entries]
    await house.client.post(f"/tasks/{task}/nodes/log_in:retry", json={"inputs": {"ok": True}})
    await house.until(task, "FINISHED")
    (_, call) = house.invoker.calls[-1]
    assert list(call.secrets.values()) == [SECRET]


async def test_schedules_and_triggers_are_sealed_before_they_give_theirs_away(house: OrchestratorHouse) -> None:
    flow = await house.publish(flow_of(form=FORM))
    by = as_user("dev")
    hook: dict[str, Any] = {"kind": "webhook", "name": "h", "mapping": {**GIVEN, "host": "${payload.host}"}}
    trigger = (await house.client.post(f"/flows/{flow}/triggers", json=hook, headers=by)).json()["trigger"]["id"]
    nightly = {"name": "nightly", "cron": "0 3 * * *", "inputs": GIVEN}
    schedule = (await house.client.post(f"/flows/{flow}/schedules", json=nightly, headers=by)).json()["id"]
    await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"host": "db1"}})
    await unseal(house)
    assert {(each.kind, each.id) for each in await sealed(house)} == {("schedule", schedule), ("trigger", trigger)}
    assert SECRET not in await everything_kept(house.database)
    assert await house.unit.plain_secrets.find() == []
    assert list((await house.unit.secret_inputs.open(schedule, await _handles(house, Schedule))).values()) == [SECRET]
    assert list((await house.unit.secret_inputs.open(trigger, await _handles(house, Trigger))).values()) == [SECRET]


async def _handles(house: OrchestratorHouse, table: type[SQLModel]) -> frozenset[str]:
    async with house.database.reading() as session:
        (row,) = (await session.execute(select(table))).scalars()
        return handles_in(row.model_dump())


async def test_what_is_archived_keeps_no_secret_either(house: OrchestratorHouse, clock: ManualClock) -> None:
    task = await house.launch(flow_of(form=FORM), GIVEN)
    await unseal(house)
    ended = {"state": "FINISHED", "start_at": clock.now(), "finished_at": clock.now()}
    async with house.database.unit_of_work() as session:
        await session.execute(update(Task).where(col(Task.id) == task).values(**ended))
    assert await Archiver(house.database, clock, 1).archive(task)
    assert (await house.client.get(f"/archived-tasks/{task}")).json()["inputs"] == GIVEN
    assert [each.kind for each in await sealed(house)] == ["archived_task"]
    kept = (await house.client.get(f"/archived-tasks/{task}")).json()
    assert kept["inputs"] == {"host": "db1", "password": "******"}
    assert await house.unit.plain_secrets.find() == []


async def test_administrators_find_and_seal_them(house: OrchestratorHouse) -> None:
    task = await house.launch(flow_of(form=FORM), GIVEN)
    await unseal(house)
    for name, status in (("dev", 403), (ADMIN, 200)):
        found = await house.client.get("/runtime/plain-secrets", headers=as_user(name))
        assert found.status_code == status
    (keeper,) = found.json()["items"]
    assert keeper == {"kind": "task", "id": task, "project_id": PROJECT.id}
    body = {"items": [{"kind": "task", "id": name} for name in (task, task, "0" * 32)]}
    refused = await house.client.post("/runtime/plain-secrets:seal", json=body, headers=as_user("dev"))
    assert refused.status_code == 403
    assert SECRET in await everything_kept(house.database)
    sealed = await house.client.post("/runtime/plain-secrets:seal", json=body)
    assert (sealed.status_code, sealed.json()["items"]) == (200, [keeper])
    assert SECRET not in await everything_kept(house.database)
    assert (await house.client.get("/runtime/plain-secrets")).json()["items"] == []
    async with house.database.reading() as session:
        told = select(AuditRecord).where(col(AuditRecord.action) == "secret_inputs.sealed")
        (entry,) = (await session.execute(told)).scalars()
    assert (entry.actor, entry.resource_id, entry.project_id) == (ADMIN, task, PROJECT.id)
    wrong = await house.client.post("/runtime/plain-secrets:seal", json={"items": [{"kind": "flow", "id": task}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "items.0.kind")
