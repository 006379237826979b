"""Quotas of projects: what is over them waits or is refused, however many ask at once."""

import asyncio
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock, utc_now
from orchestrator.engine.states import TaskState
from orchestrator.quotas.models import ProjectQuota
from orchestrator.runtime.models import Task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.runtime import create_task


@pytest.fixture
async def flow(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    return await house.publish(flow_of(plugin_node("find", "find")))


async def bound(house: OrchestratorHouse, place: str = "/projects/shop", **limits: int) -> None:
    answer = await house.client.put(f"{place}/quotas", json=limits)
    assert answer.status_code == 200, answer.text


async def launch(house: OrchestratorHouse, flow: str, **body: Any) -> httpx.Response:
    return await house.client.post(f"/flows/{flow}/tasks", json=body)


async def states(house: OrchestratorHouse) -> list[str]:
    """In the order of their launches: `may begin`, `waits`, `made`, or the state of one that has begun."""
    async with house.database.reading() as session:
        tasks = (await session.execute(select(Task).order_by(col(Task.id)))).scalars()
        return [_standing(task) for task in tasks]


def _standing(task: Task) -> str:
    if task.state != TaskState.CREATED.value:
        return task.state
    return "may begin" if task.start_at is not None else "waits" if task.queued_at is not None else "made"


async def end_one(house: OrchestratorHouse, state: str = "FINISHED") -> None:
    async with house.database.unit_of_work() as session:
        first = select(Task.id).where(col(Task.start_at).is_not(None), col(Task.state) == "CREATED").order_by(Task.id)
        await session.execute(update(Task).where(col(Task.id).in_(first.limit(1))).values(state=state))


async def test_tasks_over_the_quota_wait_and_begin_in_their_order(house: OrchestratorHouse, flow: str) -> None:
    await bound(house, running_tasks=2)
    for _ in range(4):
        assert (await launch(house, flow)).status_code == 201
    assert await states(house) == ["may begin", "may begin", "waits", "waits"]
    assert await house.unit.admission.admit() == 0
    await end_one(house)
    assert await house.unit.admission.admit() == 1
    assert await states(house) == ["FINISHED", "may begin", "may begin", "waits"]
    await end_one(house, "FAILED")  # one that has failed makes room: nobody may ever try it again
    assert await house.unit.admission.admit() == 1
    assert await states(house) == ["FINISHED", "FAILED", "may begin", "may begin"]


async def test_many_launches_at_once_never_exceed_a_quota(house: OrchestratorHouse, flow: str) -> None:
    await bound(house, running_tasks=3, queued_tasks=2)
    answers = await asyncio.gather(*(launch(house, flow) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [429] * 3
    assert sorted(await states(house)) == ["may begin"] * 3 + ["waits"] * 2
    await asyncio.gather(house.unit.admission.admit(), house.unit.admission.admit())
    assert sorted(await states(house)) == ["may begin"] * 3 + ["waits"] * 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "quota_exceeded"
    for told in ("running_tasks: 3", "queued_tasks: 2", "administrator"):
        assert told in refused.json()["detail"]


async def test_launches_a_minute_are_counted_exactly_and_told_when_to_come_again(
    house: OrchestratorHouse, flow: str, clock: ManualClock
) -> None:
    await bound(house, launches_per_minute=2)
    answers = await asyncio.gather(*(launch(house, flow) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] == "61"
    assert "launches_per_minute" in refused.json()["detail"]
    clock.advance(seconds=61)
    assert (await launch(house, flow)).status_code == 201


async def test_a_task_made_beforehand_waits_when_it_is_started(house: OrchestratorHouse, flow: str) -> None:
    await bound(house, running_tasks=0)
    task = (await launch(house, flow, start=False)).json()["id"]
    assert await states(house) == ["made"]
    started = (await house.client.post(f"/tasks/{task}:start")).json()
    assert (started["state"], started["queued_at"] is not None) == ("CREATED", True)
    assert (await house.client.post(f"/tasks/{task}:start")).status_code == 409
    await bound(house)
    assert await house.unit.admission.admit() == 1
    assert await states(house) == ["may begin"]


async def test_quotas_for_all_hold_until_a_project_has_its_own(house: OrchestratorHouse, flow: str) -> None:
    await bound(house, "", running_tasks=0)
    await launch(house, flow)
    assert await states(house) == ["waits"]
    await bound(house, running_tasks=5)
    await launch(house, flow)
    assert await states(house) == ["waits", "waits"]  # nobody passes those who wait
    assert await house.unit.admission.admit() == 2
    shown = (await house.client.get("/projects/shop/quotas")).json()
    assert (shown["running_tasks"], shown["own"], shown["running"], shown["queued"], shown["launched"]) == (
        5, True, 2, 0, 2,
    )  # fmt: skip
    removed = (await house.client.delete("/projects/shop/quotas")).json()
    assert (removed["running_tasks"], removed["own"]) == (0, False)


async def test_administrators_set_quotas_and_nobody_else(house: OrchestratorHouse) -> None:
    for method, path in (("PUT", "/projects/shop/quotas"), ("DELETE", "/projects/shop/quotas"), ("GET", "/quotas")):
        body = {"running_tasks": 1} if method == "PUT" else None
        assert (await house.client.request(method, path, json=body, headers=as_user("dev"))).status_code == 403
    wrong = await house.client.put("/projects/shop/quotas", json={"calls_at_once": 0})
    assert wrong.status_code == 422
    await bound(house, running_tasks=1)
    await bound(house, running_tasks=2)
    async with house.database.reading() as session:
        entries = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert [(entry.action, entry.project_id) for entry in entries] == [("quotas.changed", PROJECT.id)] * 2
    assert entries[1].before is not None
    assert entries[1].before["running_tasks"] == 1


async def test_workers_keep_the_calls_of_projects(house: OrchestratorHouse) -> None:
    await bound(house, "", calls_at_once=7)
    await bound(house, calls_at_once=2)
    await house.unit.admission.admit()
    quotas = house.unit._call_quotas
    assert (quotas.of(PROJECT.id), quotas.of("other")) == (2, 7)


async def test_waiting_tasks_run_one_after_the_other(running_house: OrchestratorHouse) -> None:
    await bound(running_house, running_tasks=1)
    flow = await running_house.publish(flow_of(plugin_node("a"), plugin_node("b")))
    tasks = [(await launch(running_house, flow)).json()["id"] for _ in range(3)]
    for task in tasks:
        await running_house.until(task, "FINISHED")
    async with running_house.database.reading() as session:
        rows = {task.id: task for task in (await session.execute(select(Task))).scalars()}
    for earlier, later in pairwise(tasks):
        ended, began = rows[earlier].finished_at, rows[later].started_at
        assert ended is not None
        assert began is not None
        assert ended <= began


async def test_an_administrator_sees_what_all_projects_use(house: OrchestratorHouse, flow: str) -> None:
    assert (await house.client.get("/quotas/projects")).json()["items"] == []
    await bound(house, "", launches_per_minute=50)
    await bound(house, running_tasks=1)
    for _ in range(3):
        await launch(house, flow)
    (seen,) = (await house.client.get("/quotas/projects")).json()["items"]
    own = (await house.client.get("/projects/shop/quotas")).json()
    assert seen == {**own, "project": {"id": PROJECT.id, "code": "shop", "name": "Shop"}}
    assert [seen[name] for name in ("own", "running", "queued", "launched")] == [True, 1, 2, 3]
    await house.client.delete("/projects/shop/quotas")
    (seen,) = (await house.client.get("/quotas/projects")).json()["items"]
    assert (seen["own"], seen["launches_per_minute"], seen["running_tasks"]) == (False, 50, None)
    assert (await house.client.get("/quotas/projects", headers=as_user("dev"))).status_code == 403


async def test_what_a_project_left_behind_that_is_gone_is_not_listed(house: OrchestratorHouse, flow: str) -> None:
    await launch(house, flow)
    await create_task(house.database, flow_of(), project_id="e" * 32, state=TaskState.RUNNING.value)
    async with house.database.unit_of_work() as session:
        session.add(ProjectQuota(project_id="f" * 32, running_tasks=1, updated_by="admin", updated_at=utc_now()))
    (seen,) = (await house.client.get("/quotas/projects")).json()["items"]
    assert (seen["project"]["code"], seen["running"]) == ("shop", 1)
