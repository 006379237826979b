import asyncio

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from orchestrator.launch.absent import MOST_REFUSALS
from orchestrator.runtime.models import TaskMessage
from orchestrator.schedules import firing
from tests.orchestrator.schedules.conftest import Automat
from tests.support.killing import Killed, killed_at
from tests.support.orchestrator import as_user


async def test_a_task_starts_when_its_time_has_come_and_for_whom_the_schedule_is(automat: Automat) -> None:
    made = await automat.make(inputs={"n": 3}, cron="0 5 * * *", time_zone="Europe/Berlin")
    assert made["next_at"] == "2026-01-02T04:00:00Z"
    assert 3300 < await automat.fire() < 3600
    assert await automat.tasks() == []
    automat.clock.advance(hours=1)
    await automat.fire()
    (task,) = await automat.tasks()
    assert (task.created_by, task.inputs, task.name, task.state) == ("dev", {"n": 3}, "hourly", "CREATED")
    assert (task.origin, task.origin_id, task.origin_name) == ("schedule", made["id"], "hourly")
    seen = await automat.look(made["id"])
    assert (seen["next_at"], seen["last_run"]["task_id"]) == ("2026-01-03T04:00:00Z", task.id)
    await automat.fire()
    assert len(await automat.tasks()) == 1


async def test_of_several_processes_one_starts_it(automat: Automat) -> None:
    await automat.make()
    automat.clock.advance(hours=1)
    others = [automat.house.successor().automatic.firing for _ in range(2)]
    await asyncio.gather(automat.fire(), *(other.fire_due() for other in others))
    assert len(await automat.tasks()) == 1


async def test_a_process_killed_at_any_moment_neither_loses_nor_doubles_a_start(automat: Automat) -> None:
    made = await automat.make(overlap="allow")
    for statement in range(200):
        automat.clock.advance(hours=1)
        before = len(await automat.tasks())
        try:
            with killed_at(automat.house.database, statement):
                await automat.fire()
        except Killed:
            assert len(await automat.tasks()) in {before, before + 1}
            await automat.fire()
            assert len(await automat.tasks()) == before + 1
        else:
            break
    assert 8 < statement < 100
    hours = await automat.runs(made["id"])
    assert len(hours) == len(set(hours)) == len(await automat.tasks())


async def test_one_start_comes_once(automat: Automat) -> None:
    body = {"cron": None, "start_at": "2026-01-02T06:00:00+01:00"}
    made = await automat.make(**body)
    assert (made["state"], made["next_at"]) == ("not_started", "2026-01-02T05:00:00Z")
    automat.clock.advance(hours=2)
    await automat.fire()
    seen = await automat.look(made["id"])
    assert (seen["state"], seen["next_at"], len(await automat.tasks())) == ("started", None, 1)
    body = {"name": "x", "cron": "* * * * *", "version": 1}
    changed = await automat.house.client.put(f"/schedules/{made['id']}", json=body)
    assert (changed.status_code, changed.json()["code"]) == (409, "schedule_over")


async def test_one_start_that_is_refused_has_failed(automat: Automat) -> None:
    made = await automat.make(cron=None, start_at="2026-01-02T05:00:00Z")
    automat.house.profiles.gone.add("dev")
    automat.clock.advance(hours=2)
    await automat.fire()
    seen = await automat.look(made["id"])
    assert (seen["state"], seen["last_run"]["reason"]) == ("start_failed", "dev may not sign in any more")


async def test_what_nobody_was_there_to_start_is_made_good_as_wanted(automat: Automat) -> None:
    made = {missed: await automat.make(missed=missed, overlap="allow") for missed in ("skip", "run_once", "run_all")}
    automat.clock.advance(hours=3, minutes=5)
    await automat.fire()
    outcomes = {missed: await automat.runs(view["id"]) for missed, view in made.items()}
    assert outcomes == {
        "skip": [("04:00", "missed")],
        "run_once": [("04:00", "missed"), ("06:00", "started")],
        "run_all": [("04:00", "started"), ("05:00", "started"), ("06:00", "started")],
    }
    assert len(await automat.tasks()) == 4


async def test_what_passed_while_it_was_off_is_not_made_good(automat: Automat) -> None:
    made = await automat.make(missed="run_all")
    for verb, hours in (("disable", 5), ("enable", 0)):
        switched = await automat.house.client.post(f"/schedules/{made['id']}:{verb}", headers=as_user("dev"))
        assert switched.status_code == 200
        automat.clock.advance(hours=hours)
        await automat.fire()
    assert await automat.tasks() == []
    assert switched.json()["next_at"] == "2026-01-02T09:00:00Z"


async def test_a_start_while_a_task_goes_on(automat: Automat) -> None:
    made = {overlap: await automat.make(overlap=overlap) for overlap in ("allow", "skip", "queue", "replace")}
    for _ in range(2):
        automat.clock.advance(hours=1)
        await automat.fire()
    outcomes = {overlap: (await automat.runs(view["id"]))[1][1] for overlap, view in made.items()}
    assert outcomes == {"allow": "started", "skip": "skipped", "queue": "queued", "replace": "started"}
    replaced = (await automat.house.client.get(f"/schedules/{made['replace']['id']}/runs")).json()["items"][-1]
    async with automat.house.database.reading() as session:
        asked = [(row.task_id, row.kind) for row in (await session.execute(select(TaskMessage))).scalars()]
    assert asked == [(replaced["task_id"], "revoke")]


async def test_what_waits_starts_when_the_task_before_it_has_ended(automat: Automat) -> None:
    made = await automat.make(overlap="queue")
    for _ in range(3):
        automat.clock.advance(hours=1)
        await automat.fire()
    for ended in range(2):
        await automat.set_state((await automat.tasks())[ended].id, "FINISHED")
        await automat.fire()
        assert len(await automat.tasks()) == ended + 2
    assert [run[1] for run in await automat.runs(made["id"])] == ["started"] * 3


async def test_queues_that_wait_for_their_tasks_keep_no_other_waiting(
    automat: Automat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "_AT_ONCE", 3)
    made = [await automat.make(overlap="queue") for _ in range(4)]
    for _ in range(2):
        automat.clock.advance(hours=1)
        while await automat.fire() == 0.0:
            pass
    last = {task.origin_id: task.id for task in await automat.tasks()}[made[-1]["id"]]
    await automat.set_state(last, "FINISHED")
    await automat.fire()
    assert len(await automat.tasks()) == 5


async def test_what_is_due_next_is_not_late_for_what_waits(automat: Automat) -> None:
    await automat.make(overlap="queue")
    for _ in range(2):
        automat.clock.advance(hours=1)
        await automat.fire()
    automat.clock.advance(minutes=55, seconds=54)
    assert await automat.fire() <= 1.0


async def test_a_task_that_does_not_go_on_holds_up_nothing(automat: Automat) -> None:
    await automat.make(overlap="skip")
    for started, state in enumerate(("FAILED", "FINISHED", "REVOKED", "RUNNING"), start=1):
        automat.clock.advance(hours=1)
        await automat.fire()
        found = await automat.tasks()
        assert len(found) == started
        await automat.set_state(found[-1].id, state)


async def test_rights_count_as_they_are_when_it_is_due(automat: Automat) -> None:
    made = await automat.make()
    rules = automat.house.authorizer.rules
    taken = {rule for rule in rules if rule[0] == "dev" and rule[1].value == "flow.launch"}
    rules -= taken
    for refusals in range(1, MOST_REFUSALS + 1):
        automat.clock.advance(hours=1)
        await automat.fire()
        seen = await automat.look(made["id"])
        assert seen["refusals"] == refusals
        assert "dev lacks flow.launch" in seen["last_run"]["reason"]
    assert (seen["enabled"], seen["next_at"]) == (False, None)
    assert "in a row were refused" in seen["stopped_because"]
    assert await automat.tasks() == []
    told = (await automat.house.client.get(f"/flows/{automat.flow}/notices/deliveries")).json()["items"]
    assert [(each["about"], each["receivers"]) for each in told] == [
        ("schedule.stopped", ["dev"]),
        ("schedule.refused", ["dev"]),
    ]
    async with automat.house.database.reading() as session:
        stopped = select(AuditRecord.actor).where(col(AuditRecord.action) == "schedule.stopped")
        assert (await session.execute(stopped)).scalars().all() == ["schedules"]
    rules |= taken
    again = await automat.house.client.post(f"/schedules/{made['id']}:enable", headers=as_user("dev"))
    assert (again.json()["refusals"], again.json()["stopped_because"]) == (0, "")


async def test_a_start_undoes_nothing_of_others_when_it_is_refused(automat: Automat) -> None:
    await automat.make(missed="run_all", overlap="allow")
    await automat.make("admin")
    automat.house.plugins.by_project.clear()
    automat.clock.advance(hours=1)
    await automat.fire()
    items = (await automat.house.client.get("/projects/shop/schedules")).json()["items"]
    assert ["No longer installed" in each["last_run"]["reason"] for each in items] == [False, True]
    assert [each["next_at"] for each in items] == ["2026-01-02T05:00:00Z"] * 2
