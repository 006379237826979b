import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import ManualClock
from kernel.contracts.projects import ProjectSummary
from orchestrator.insight.counting import TaskCounting
from orchestrator.insight.models import CountedTask
from orchestrator.runtime.models import NodeRun, Task
from tests.support.contracts import ListedProjects, plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FLOW = flow_of(plugin_node("find", "find"), plugin_node("mend", "find"))


async def _flow(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    return await house.publish(FLOW)


async def _task(house: OrchestratorHouse, flow: str) -> str:
    launched = await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})
    assert launched.status_code == 201, launched.text
    task: str = launched.json()["id"]
    return task


async def _run(house: OrchestratorHouse, task: str, number: int, node: str, state: str, seconds: float) -> None:
    """What the runtime would have left of an attempt."""
    start = house.kernel.clock.now()
    run = NodeRun(
        id=f"{task[:24]}-{number}",
        task_id=task,
        node_id=node,
        number=number,
        attempt=1,
        state=state,
        started_at=start,
        finished_at=start + timedelta(seconds=seconds),
    )
    async with house.database.unit_of_work() as session:
        session.add(run)


async def _ended(house: OrchestratorHouse, task: str, state: str, seconds: float | None) -> None:
    async with house.database.unit_of_work() as session:
        row = await session.get(Task, task)
        assert row is not None
        row.state, row.started_at = state, house.kernel.clock.now()
        row.finished_at = None if seconds is None else row.started_at + timedelta(seconds=seconds)


async def _count(house: OrchestratorHouse) -> None:
    await TaskCounting(house.database).count()


async def _figures(house: OrchestratorHouse, by: str = "viewer", **query: str) -> dict[str, Any]:
    found = await house.client.get("/projects/shop/statistics", params=query, headers=as_user(by))
    assert found.status_code == 200, found.text
    figures: dict[str, Any] = found.json()
    return figures


async def test_tasks_are_counted_once_by_day_flow_and_node(house: OrchestratorHouse, clock: ManualClock) -> None:
    flow = await _flow(house)
    for seconds in (10.0, 20.0, 40.0):
        task = await _task(house, flow)
        await _run(house, task, 1, "start", "FINISHED", 0)
        await _run(house, task, 2, "find", "FINISHED", seconds)
        await _ended(house, task, "FINISHED", seconds)
    await _count(house)
    await _count(house)
    clock.advance(days=1)
    await _ended(house, await _task(house, flow), "REVOKED", 1)
    await _count(house)
    figures = await _figures(house)
    total = figures["total"]
    assert (total["finished"], total["failed"], total["revoked"]) == (3, 0, 1)
    assert abs(total["mean"] - 70 / 3) < 1e-6
    assert abs(total["median"] - 20) < 1
    assert abs(total["p95"] - 40) < 2
    assert [(day["id"], day["finished"]) for day in figures["days"][-2:]] == [("2026-01-02", 3), ("2026-01-03", 0)]
    assert len(figures["days"]) == 30
    assert [(each["id"], each["name"]) for each in figures["flows"]] == [(flow, "Check disks")]
    (node,) = figures["nodes"]
    assert (node["node"], node["plugin"], node["version"], node["runs"]) == ("find", "find", "1.0.0", 3)


async def test_a_task_that_failed_and_goes_on_has_each_attempt_counted_once(house: OrchestratorHouse) -> None:
    task = await _task(house, await _flow(house))
    await _run(house, task, 1, "find", "FINISHED", 1)
    await _run(house, task, 2, "mend", "FAILED", 5)
    await _ended(house, task, "FAILED", None)
    await _count(house)
    failed = await _figures(house)
    assert (failed["total"]["failed"], failed["total"]["finished"]) == (1, 0)
    assert [(each["node"], each["runs"], each["failed"]) for each in failed["nodes"]] == [("mend", 1, 1)]
    await _run(house, task, 3, "mend", "FINISHED", 2)
    await _ended(house, task, "FINISHED", 8)
    await _count(house)
    figures = await _figures(house)
    assert (figures["total"]["failed"], figures["total"]["finished"]) == (1, 1)
    told = [(each["node"], each["runs"], each["failed"], each["share"]) for each in figures["nodes"]]
    assert told == [("mend", 2, 1, 0.5), ("find", 1, 0, 0.0)]
    assert [(each["plugin"], each["runs"], each["failed"]) for each in figures["plugins"]] == [("find", 3, 1)]
    async with house.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(CountedTask))).scalar_one() == 0


async def test_time_saved_is_what_a_flow_says_it_takes_by_hand(house: OrchestratorHouse) -> None:
    flow = await _flow(house)
    refused = await house.client.put(f"/flows/{flow}/by-hand", json={"minutes": 30}, headers=as_user("viewer"))
    assert refused.status_code == 403
    assert (await house.client.put(f"/flows/{flow}/by-hand", json={"minutes": -1})).status_code == 422
    set_ = await house.client.put(f"/flows/{flow}/by-hand", json={"minutes": 30}, headers=as_user("dev"))
    assert set_.json() == {"minutes": 30}
    assert (await house.client.get(f"/flows/{flow}")).json()["minutes_by_hand"] == 30
    for _ in range(2):
        await _ended(house, await _task(house, flow), "FINISHED", 1)
    await _count(house)
    assert (await _figures(house))["total"]["saved"] == 3600.0


async def test_the_same_figures_come_as_a_table(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(name="=HYPERLINK(1)")
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    await house.client.put(f"/flows/{flow}/draft", json={"definition": FLOW, "draft_version": 1})
    await house.client.post(f"/flows/{flow}:publish")
    await _ended(house, await _task(house, flow), "FINISHED", 1)
    await _count(house)
    sheet = await house.client.get("/projects/shop/statistics.csv", params={"of": "flows"})
    assert sheet.headers["content-type"].startswith("text/csv")
    head, line = csv.reader(io.StringIO(sheet.text))
    told = dict(zip(head, line, strict=True))
    assert (told["id"], told["name"], told["finished"], told["failed"]) == (flow, "'=HYPERLINK(1)", "1", "0")


async def test_figures_are_for_who_may_see_tasks_and_those_of_all_projects_for_administrators(
    house: OrchestratorHouse,
) -> None:
    await _ended(house, await _task(house, await _flow(house)), "FINISHED", 1)
    await _count(house)
    for path in ("/projects/shop/statistics", "/projects/shop/statistics.csv", "/statistics"):
        assert (await house.client.get(path, headers=as_user("stranger"))).status_code == 403
    (shop,) = (await house.client.get("/statistics")).json()["items"]
    assert (shop["id"], shop["finished"]) == ("shop", 1)


async def test_projects_are_looked_up_once_however_many_days_they_have(
    house: OrchestratorHouse, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await _flow(house)
    for _ in range(3):
        await _ended(house, await _task(house, flow), "FINISHED", 1)
        clock.advance(days=1)
    await _count(house)
    asked: list[str] = []
    find = ListedProjects.find

    async def counted(projects: ListedProjects, session: AsyncSession, name: str) -> ProjectSummary:
        asked.append(name)
        return await find(projects, session, name)

    monkeypatch.setattr(ListedProjects, "find", counted)
    (shop,) = (await house.client.get("/statistics")).json()["items"]
    assert (shop["finished"], asked) == (3, [PROJECT.id])


async def test_days_that_make_no_span_are_refused(house: OrchestratorHouse) -> None:
    for query in ("since=2026-02-01&until=2026-01-01", "since=2020-01-01", "since=yesterday"):
        refused = await house.client.get(f"/projects/shop/statistics?{query}")
        assert refused.status_code == 422
        assert "since" in refused.json()["errors"][0]["field"]
    refused = await house.client.get("/projects/shop/statistics?until=0001-01-01")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "until")
