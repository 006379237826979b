"""What runs inside nodes, of loops over thousands of items too."""

from typing import Any

import pytest

from kernel.db.database import Database
from orchestrator.engine.states import NodeState
from orchestrator.runtime.models import NodeRun
from orchestrator.tasks.inside import SHOWN_ITEMS, in_state, items_by_loop, of_node
from tests.orchestrator.tasks.rows import AT, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user

MANY = SHOWN_ITEMS + 20
FAILED, WAITING = MANY - 1, MANY - 3
"""Of the last items one holds what failed, one what is under way."""


@pytest.fixture
async def task(house: OrchestratorHouse, database: Database) -> str:
    """A task whose node `find` goes through a list; each item runs `a`."""
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    made = await created_task(house)
    await Script(database, made).task("FAILED")
    left = [("find", "RUNNING"), ("find[7].old", "FAILED"), ("find", "RUNNING")]  # the list was begun anew
    for index in range(MANY):
        inner = {FAILED: "FAILED", WAITING: "POLLING"}.get(index)
        left += [(f"find[{index}]", "RUNNING" if inner else "FINISHED"), (f"find[{index}].a", inner or "FINISHED")]
    async with database.unit_of_work() as session:
        for number, (path, state) in enumerate(left, start=1):
            at = {"started_at": AT, "finished_at": AT if state == "FINISHED" else None}
            session.add(NodeRun(
                id=f"{made}.{number}", task_id=made, node_id=path, number=number, attempt=1, state=state,
                error="no disk" if state == "FAILED" else None, **at,
            ))  # fmt: skip
    return made


async def _inside(house: OrchestratorHouse, task: str, node: str, **query: Any) -> dict[str, Any]:
    found = await house.client.get(f"/tasks/{task}/nodes/{node}/inside", params=query, headers=as_user("viewer"))
    assert found.status_code == 200, found.text
    view: dict[str, Any] = found.json()
    return view


def _ids(view: dict[str, Any]) -> list[str]:
    return [item["node_id"] for item in view["items"]]


async def test_the_view_of_a_task_tells_a_hundred_items_the_failed_first_and_counts_all(
    house: OrchestratorHouse, task: str
) -> None:
    view = await house.task(task)
    counts = {"FAILED": 1, "RUNNING": 1, "FINISHED": MANY - 2}
    assert view["loops"] == {"find": {"counts": counts, "shown": SHOWN_ITEMS}}
    items = [path for path in view["nodes"] if path.endswith("]")]
    assert set(items) == {f"find[{index}]" for index in (FAILED, WAITING, *range(SHOWN_ITEMS - 2))}
    assert view["nodes"][f"find[{FAILED}].a"]["error"] == "no disk"
    assert {"find", "df", "find[0].a"} <= view["nodes"].keys()
    assert f"find[{SHOWN_ITEMS}].a" not in view["nodes"]


async def test_all_items_are_had_by_pages_and_by_state(house: OrchestratorHouse, task: str) -> None:
    first = await _inside(house, task, "find", limit=100)
    assert _ids(first)[:3] == [f"find[{FAILED}]", f"find[{WAITING}]", "find[0]"]
    assert first["counts"] == {"FAILED": 1, "RUNNING": 1, "FINISHED": MANY - 2}
    rest = await _inside(house, task, "find", limit=100, cursor=first["next"])
    assert (rest["next"], set(_ids(first) + _ids(rest))) == (None, {f"find[{index}]" for index in range(MANY)})
    failed = await _inside(house, task, "find", state="FAILED")
    assert (_ids(failed), failed["counts"], failed["next"]) == ([f"find[{FAILED}]"], first["counts"], None)


async def test_any_item_tells_what_runs_inside_it(house: OrchestratorHouse, task: str) -> None:
    assert _ids(await _inside(house, task, f"find[{SHOWN_ITEMS + 1}]")) == [f"find[{SHOWN_ITEMS + 1}].a"]
    (failed,) = (await _inside(house, task, f"find[{FAILED}]"))["items"]
    assert (failed["state"], failed["error"]) == ("FAILED", "no disk")
    assert _ids(await _inside(house, task, "find[7]")) == ["find[7].a"]
    assert (await _inside(house, task, "df")) == {"counts": {}, "items": [], "next": None}


async def test_strangers_and_nodes_that_are_not_there_are_refused(house: OrchestratorHouse, task: str) -> None:
    address = f"/tasks/{task}/nodes/find/inside"
    assert (await house.client.get(address, headers=as_user("nobody"))).status_code == 403
    assert (await house.client.get(f"/tasks/{task}/nodes/lost/inside")).status_code == 404
    assert (await house.client.get(address, params={"state": "LOST"})).status_code == 422


def test_what_failed_in_a_part_that_was_passed_over_makes_no_item_a_failed_one() -> None:
    states = {
        "each": "RUNNING",
        "each[0]": "RUNNING", "each[0].sub": "SKIPPED", "each[0].sub.a": "FAILED", "each[0].b": "POLLING",
        "each[1]": "RUNNING", "each[1].sub": "RUNNING", "each[1].sub.a": "FAILED",
    }  # fmt: skip
    runs = {path: NodeRun(node_id=path, state=state) for path, state in states.items()}
    items = items_by_loop(runs)["each"]
    assert (items.ranked, items.counts) == (("each[1]", "each[0]"), {"FAILED": 1, "RUNNING": 1})
    assert in_state(items, runs, NodeState.RUNNING) == ["each[0]"]
    inside = {path: run for path, run in runs.items() if path.startswith("each[0].")}
    assert of_node("each[0]", inside).counts == {"SKIPPED": 1, "POLLING": 1}
