"""Each invariant broken by hand in the database, named, and mended; a task at work or at rest breaks none."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from kernel.audit.models import AuditRecord
from orchestrator.doctor.repository import lock_task
from orchestrator.runtime.models import NodeRun, RuntimeWorker, TaskEvent, TaskMessage
from orchestrator.waiting.repository import claims
from tests.support.orchestrator import OrchestratorHouse, as_user
from tests.support.runtime import send, task_of
from tests.support.ward import NOW, WHO, Ward


async def test_what_waits_breaks_nothing(ward: Ward) -> None:
    await ward.admit()
    await ward.node(due_at=NOW + timedelta(seconds=5))
    assert await ward.broken() == []


async def test_what_a_living_worker_has_breaks_nothing(ward: Ward) -> None:
    await ward.admit(lease_owner="one", counter=1, sequence=3)  # its numbers lag behind its node run's
    await ward.node(state="RUNNING", due_at=NOW + timedelta(seconds=60), begun_entry=4)
    async with ward.database.unit_of_work() as session:
        until = NOW + timedelta(seconds=9)
        session.add(RuntimeWorker(id="one", host="h", lock_file="", started_at=NOW, alive_until=until))
    assert await ward.broken() == []
    assert (await ward.examiner.examine()).workers == ["one"]


async def test_a_call_that_nobody_makes_is_made_again_under_its_key(ward: Ward) -> None:
    await ward.admit()
    await ward.node(state="RUNNING", due_at=NOW + timedelta(seconds=60))
    assert await ward.broken() == [("call_made", "a")]
    assert await ward.mend() == ["call_made"]
    task = await task_of(ward.database, ward.task)
    assert (task.lease_owner, task.fence) == ("nobody", 1)
    assert ward.woken == [ward.task]
    run = await ward.run()
    assert (run.id, run.step, run.state) == (f"{ward.task}.2", 1, "RUNNING")


async def test_a_poll_without_a_time_comes_at_once(ward: Ward) -> None:
    await ward.admit()
    await ward.node("b")
    assert await ward.broken() == [("wait_ends", "b")]
    assert await ward.mend() == ["wait_ends"]
    assert (await ward.run()).due_at == NOW


async def test_a_limit_that_nothing_watches_is_watched_again(ward: Ward) -> None:
    await ward.admit()
    await ward.node(state="WAITING_CALLBACK")
    assert await ward.broken() == [("wait_ends", "a")]
    assert await ward.mend() == ["wait_ends"]
    assert (await ward.run()).due_at == NOW + timedelta(seconds=60)


async def test_a_node_that_waits_for_its_lock_stands_in_line(ward: Ward) -> None:
    await ward.admit()
    await ward.node("b", "WAITING_LOCK", step=0, lock_key="host", awaits="lock", storage={"limit": 1})
    assert await ward.broken() == []
    async with ward.database.unit_of_work() as session:
        await session.execute(update(NodeRun).values(awaits=None))
    assert await ward.broken() == [("wait_ends", "b")]
    await ward.mend()
    assert (await ward.run()).awaits == "lock"
    await ward.change(lease_owner=None)
    assert await ward.broken() == []


async def test_what_is_over_is_not_looked_at_again(ward: Ward) -> None:
    await ward.admit()
    await ward.node(state="FINISHED", due_at=NOW)
    await ward.node("b", number=3, due_at=NOW)
    assert await ward.broken() == [("due_only_under_way", "a")]
    await ward.mend()
    assert (await ward.run()).due_at is None
    assert (await ward.run(3)).due_at == NOW


async def test_a_task_whose_way_is_lost_is_revoked(ward: Ward) -> None:
    await ward.admit()
    await ward.node(state="FINISHED", finished_at=NOW)
    assert await ward.broken() == [("state_fits_nodes", None), ("token_kept", None)]
    await ward.mend()
    assert [(message.kind, message.actor) for message in await ward.messages()] == [("revoke", "doctor")]


@pytest.mark.parametrize(
    ("told", "node", "fitting"), [("FAILED", "POLLING", "RUNNING"), ("RUNNING", "FAILED", "FAILED")]
)
async def test_a_task_gets_the_state_its_nodes_are_in(ward: Ward, told: str, node: str, fitting: str) -> None:
    await ward.admit(told)
    await ward.node(state=node, due_at=NOW if node == "POLLING" else None)
    assert await ward.broken() == [("state_fits_nodes", None)]
    await ward.mend()
    task = await task_of(ward.database, ward.task)
    assert (task.state, task.sequence) == (fitting, 10)
    assert await ward.messages() == []


async def test_a_finished_task_keeps_nothing_under_way(ward: Ward) -> None:
    await ward.admit("FINISHED", finished_at=NOW)
    await ward.node(due_at=NOW)
    assert await ward.broken() == [("state_fits_nodes", None)]
    await ward.mend()
    run = await ward.run()
    assert (run.state, run.due_at, run.finished_at) == ("REVOKED", None, NOW)


async def test_a_branch_that_can_not_come_to_its_join_is_told(ward: Ward) -> None:
    await ward.admit(progress={"forks": {"x.1": [None, 2, 0]}})
    await ward.node(due_at=NOW, fork="x.1")
    assert ("token_kept", None) in await ward.broken()


async def test_numbers_go_on_behind_the_highest_there_is(ward: Ward) -> None:
    await ward.admit(counter=1, sequence=1)
    await ward.node(due_at=NOW)
    async with ward.database.unit_of_work() as session:
        session.add(TaskEvent(task_id=ward.task, sequence=7, at=NOW, kind="task", data={}))
    assert await ward.broken() == [("numbers_cover_rows", None)]
    await ward.mend()
    task = await task_of(ward.database, ward.task)
    assert (task.counter, task.sequence) == (2, 7)


async def test_an_end_has_its_date_and_only_an_end(ward: Ward) -> None:
    await ward.admit("REVOKED")
    assert await ward.broken() == [("end_dated", None)]
    await ward.mend()
    assert (await task_of(ward.database, ward.task)).finished_at == NOW


async def test_a_task_without_its_definition_ends(ward: Ward) -> None:
    await ward.admit()
    await ward.node(due_at=NOW)
    await ward.lose_definition()
    assert await ward.broken() == [("definition_readable", None)]
    await ward.mend()
    task = await task_of(ward.database, ward.task)
    assert (task.state, task.lease_owner, task.finished_at) == ("REVOKED", None, NOW)
    assert (await ward.run()).state == "REVOKED"


async def test_what_is_ended_without_a_worker_holds_no_lock_and_waits_for_nothing(ward: Ward) -> None:
    await ward.admit()
    await ward.node(due_at=NOW, lock_key="host")
    await ward.node("b", "WAITING_EVENT", 3, step=0, awaits="paid/7")
    await ward.lose_definition()
    await ward.mend()
    assert (await ward.run(3)).awaits is None
    await ward.admit()
    await ward.node("b", "WAITING_LOCK", step=0, lock_key="host", awaits="lock")
    async with ward.database.reading() as session:
        assert [claim.task_id for claim in await claims(session)] == [ward.task]


async def test_what_is_ended_without_a_worker_has_its_numbers(ward: Ward) -> None:
    await ward.admit(lease_owner="gone", counter=1, sequence=1)
    await ward.node(due_at=NOW, begun_entry=4)
    await ward.lose_definition()
    await ward.mend()
    task = await task_of(ward.database, ward.task)
    assert (task.counter, task.sequence) == (2, 5)
    assert await ward.broken() == []


async def test_a_dead_owner_a_start_a_timer_and_a_message_nobody_took_are_taken(ward: Ward) -> None:
    await ward.admit(lease_owner="gone")
    await ward.node("b", due_at=NOW)
    owned = ward.task
    await ward.admit()
    await ward.node("b", due_at=NOW)
    await send(ward.database, ward.task, "pause")
    waiting = ward.task
    await ward.admit("CREATED", counter=0, sequence=0)
    ward.clock.advance(seconds=31)
    async with ward.database.unit_of_work() as session:
        await session.execute(update(TaskMessage).values(created_at=NOW))
    found = {(finding.invariant.value, finding.task_id) for finding in await ward.findings()}
    assert found == {
        ("owner_alive", owned),
        ("timer_taken", waiting),
        ("message_taken", waiting),
        ("start_taken", ward.task),
    }
    await ward.mend()
    assert sorted(ward.woken) == sorted([owned, waiting, ward.task])


async def test_a_message_without_its_task_is_settled(ward: Ward) -> None:
    await send(ward.database, "none", "pause")
    assert await ward.broken() == [("message_has_task", None)]
    assert await ward.mend() == ["message_has_task"]
    assert (await ward.messages())[0].reason == "there is no such task"
    assert await ward.broken() == []


async def test_what_has_changed_since_it_was_told_is_left_alone(ward: Ward) -> None:
    await ward.admit()
    await ward.node("b")
    told = await ward.findings()
    await ward.change(lease_owner="one", fence=5)
    async with ward.database.unit_of_work() as session:
        assert await ward.mender.mend(session, WHO, told) == []
    assert (await ward.run()).due_at is None


async def test_a_task_that_was_taken_between_look_and_mend_is_left_alone(ward: Ward) -> None:
    await ward.admit(fence=5)
    async with ward.database.unit_of_work() as session:
        assert await lock_task(session, ward.task, 4) is None
        assert await lock_task(session, ward.task, 5) is not None


async def test_mending_is_in_the_audit_log(ward: Ward) -> None:
    await ward.admit()
    await ward.node("b")
    await ward.mend()
    async with ward.database.reading() as session:
        (entry,) = (await session.execute(select(AuditRecord))).scalars()
    assert (entry.action, entry.resource_id, entry.actor) == ("task.mended", ward.task, "doctor")
    assert entry.before is not None
    assert entry.before["broken"][0]["invariant"] == "wait_ends"


async def test_administrators_examine_and_mend_by_the_api_and_nobody_else(house: OrchestratorHouse) -> None:
    ward = Ward(house.database)
    await ward.admit()
    await ward.node("b")
    assert (await house.client.get("/runtime/findings", headers=as_user("dev"))).status_code == 403
    told = (await house.client.get("/runtime/findings")).json()
    (item,) = told["items"]
    assert (item["invariant"], item["task_id"], item["node_id"], told["tasks"]) == ("wait_ends", ward.task, "b", 1)
    body = {"findings": [{name: item[name] for name in ("invariant", "task_id", "node_id")}]}
    refused = await house.client.post("/runtime/findings:mend", json=body, headers=as_user("dev"))
    assert refused.status_code == 403
    mended = await house.client.post("/runtime/findings:mend", json=body)
    assert [each["invariant"] for each in mended.json()["items"]] == ["wait_ends"]
    assert (await house.client.post("/runtime/findings:mend", json=body)).json() == {"items": []}
