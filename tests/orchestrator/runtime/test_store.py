"""The store on both databases: fences, leases, what a sweep finds, and that nothing is lost on the way through rows."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from kernel.contracts.plugin_invoker import CallRecord
from kernel.db.database import Database
from orchestrator.engine.effects import Advanced, Settled
from orchestrator.engine.events import Event, NodeResult, Outcome, PauseRequested, SkipRequested, TaskStarted
from orchestrator.engine.machine import advance
from orchestrator.engine.model import State, Surroundings
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.runtime import sqlite_store
from orchestrator.runtime.codec import describe
from orchestrator.runtime.history import Entries, entries_of, last_entry
from orchestrator.runtime.models import NodeCall, NodeLog, NodeRun, TaskEvent, TaskMessage
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.store import Claimed, Store, TaskWrite, WorkerRow
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.runtime import create_task, send, task_of

FLOW: dict[str, Any] = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "fork", "kind": "parallel"},
        plugin_node("a"),
        plugin_node("b"),
        {"id": "meet", "kind": "join"},
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": f"{source}-{target}", "source": source, "target": target}
        for source, target in (
            ("start", "fork"),
            ("fork", "a"),
            ("fork", "b"),
            ("a", "meet"),
            ("b", "meet"),
            ("meet", "end"),
        )
    ],
}
GRAPH = Graph(read_flow(FLOW))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""Times are given to every call of a store: no test of it looks at a clock."""


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    opened = open_store(database.url)
    await opened.open()
    for worker in ("one", "two"):
        await beat(opened, worker)
    yield opened
    await opened.close()


async def beat(store: Store, worker: str, until: datetime = NOW + timedelta(seconds=60)) -> None:
    await store.beat(WorkerRow(worker, "host", "", until), NOW)


async def claim(store: Store, task: str, worker: str = "one", known: int | None = None) -> Claimed:
    found = await store.claim(worker, [task], {} if known is None else {task: known}, NOW)
    assert len(found) == 1
    return found[0]


def play(state: State, *events: Event) -> Advanced:
    return advance(GRAPH, state, events, Surroundings())


def write(fence: int, advanced: Advanced, **given: Any) -> TaskWrite:
    return TaskWrite(fence, advanced.state, list(advanced.runs.values()), advanced.changes, advanced.settled, **given)


async def started(store: Store, task: str, **given: Any) -> tuple[Claimed, Advanced]:
    claimed = await claim(store, task)
    assert claimed.state is not None
    advanced = play(claimed.state, TaskStarted(1.0))
    assert await store.commit([write(claimed.fence, advanced, **given)], NOW) == {task}
    return claimed, advanced


def result(state: State, node: str, outcome: Outcome = Outcome.FINISHED, **more: Any) -> NodeResult:
    run = state.runs[node]
    return NodeResult(2.5, node, run.id, run.step, outcome, **more)


async def test_a_claimed_task_comes_with_what_it_was_created_with(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW, inputs={"ip": "中"})
    claimed = await claim(store, task)
    assert claimed.state == State(task)
    assert (claimed.fence, claimed.inputs, claimed.scopes) == (1, {"ip": "中"}, frozenset({"cmdb:read"}))
    assert (claimed.project_code, claimed.name, claimed.created_by) == ("shop", "Task", "ann")
    assert await store.definition(claimed.definition_id) == FLOW
    assert await store.definition("none") is None


async def test_the_state_comes_back_as_it_was_committed(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    claimed, advanced = await started(store, task)
    advanced = play(
        advanced.state,
        PauseRequested(3.0, "ann"),
        result(advanced.state, "a", outputs={"x": [1, None, "é"]}),
        result(advanced.state, "b", Outcome.POLL, storage={"job": 1}, poll_at=9.25),
    )
    assert await store.commit([write(claimed.fence, advanced, release=True)], NOW) == {task}
    again = await claim(store, task, "two")
    assert again.fence == claimed.fence + 1
    assert again.state == advanced.state
    assert again.state.held
    assert again.state.runs["b"].due == 9.25


async def test_a_copy_that_is_still_the_newest_is_not_read_again(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    claimed, advanced = await started(store, task, release=True)
    assert (await claim(store, task, known=claimed.fence)).state is None
    assert (await claim(store, task, known=claimed.fence)).state == advanced.state


async def test_a_write_under_an_old_fence_changes_nothing_and_the_others_of_its_batch_stay(
    database: Database, store: Store
) -> None:
    mine, other = await create_task(database, FLOW), await create_task(database, FLOW)
    held = await claim(store, mine)
    await store.forget_worker("one")
    await claim(store, mine, "two")
    message = await send(database, mine, "pause")
    kept = await claim(store, other)
    assert held.state is not None
    assert kept.state is not None
    stale = write(
        held.fence,
        play(held.state, TaskStarted(1.0)),
        calls=[(f"{mine}.1", 1.0, CallRecord("cmdb.x", 200, "r"))],
        log=[(f"{mine}.1", 1.0, "line")],
    )
    stale = TaskWrite(stale.fence, stale.state, stale.runs, stale.changes, [Settled(message)], stale.calls, stale.log)
    good = write(kept.fence, play(kept.state, TaskStarted(1.0)))
    assert await store.commit([stale, good], NOW) == {other}
    assert (await task_of(database, mine)).state == "CREATED"
    assert (await task_of(database, other)).state == "RUNNING"
    async with database.reading() as session:
        for table in (NodeRun, TaskEvent, NodeCall, NodeLog):
            found = (await session.execute(select(table))).scalars().all()
            assert {row.task_id for row in found} <= {other}
        kept_message = await session.get(TaskMessage, message)
        assert kept_message is not None
        assert kept_message.settled_at is None


async def test_a_task_belongs_to_one_living_worker(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    await claim(store, task, "one")
    assert await store.claim("two", [task], {}, NOW) == []
    later = NOW + timedelta(seconds=61)
    assert [claimed.fence for claimed in await store.claim("two", [task], {}, later)] == [2]
    assert await store.owned("two") == [task]


async def test_a_sweep_finds_what_nobody_alive_does(database: Database, store: Store) -> None:
    due = await create_task(database, FLOW, start_at=NOW)
    await create_task(database, FLOW, start_at=None)
    await create_task(database, FLOW, start_at=NOW + timedelta(hours=1))
    assert list((await store.sweep("one", NOW, NOW, 100)).now) == [due]
    await started(store, due)
    assert list((await store.sweep("one", NOW, NOW, 100)).now) == []
    await beat(store, "one", NOW - timedelta(seconds=1))
    assert list((await store.sweep("two", NOW, NOW, 100)).now) == [due]
    await beat(store, "one")
    await store.forget_worker("one")
    assert list((await store.sweep("two", NOW, NOW, 100)).now) == [due]


async def test_a_sweep_finds_open_messages_for_whoever_may_take_them(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW, start_at=None)
    message = await send(database, task, "revoke", actor="ann")
    assert list((await store.sweep("one", NOW, NOW, 100)).now) == [task]
    claimed = await claim(store, task)
    assert [(each.id, each.kind, each.actor) for each in claimed.messages] == [(message, "revoke", "ann")]
    assert list((await store.sweep("one", NOW, NOW, 100)).now) == [task]
    assert list((await store.sweep("two", NOW, NOW, 100)).now) == []
    assert claimed.state is not None
    settled = TaskWrite(claimed.fence, claimed.state, [], (), [Settled(message, "no\x00 good")])
    await store.commit([settled], NOW)
    assert list((await store.sweep("one", NOW, NOW, 100)).now) == []
    assert await store.messages([task]) == []
    async with database.reading() as session:
        row = await session.get(TaskMessage, message)
        assert row is not None
        assert (row.settled_at, row.reason) == (NOW, "no\ufffd good")


async def test_a_sweep_tells_when_tasks_without_an_owner_are_to_be_polled(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    claimed, advanced = await started(store, task)
    due = NOW.timestamp() + 3
    polling = play(advanced.state, result(advanced.state, "a", Outcome.POLL, poll_at=due))
    later = NOW + timedelta(seconds=5)
    await store.commit([write(claimed.fence, polling)], NOW)
    assert list((await store.sweep("one", NOW, later, 100)).timers) == []
    waiting = play(polling.state, result(polling.state, "b"))
    await store.commit([write(claimed.fence, waiting, release=True)], NOW)
    assert list((await store.sweep("two", NOW, later, 100)).timers) == [(task, pytest.approx(due))]
    assert list((await store.sweep("two", NOW, NOW, 100)).timers) == []


async def test_what_no_database_takes_is_mended_on_the_way(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    claimed, advanced = await started(store, task)
    odd = {"nul": "a\x00b", "half": "\ud800", "k\x00": [float("nan"), float("inf")], "escaped": "\\u0000", "big": 2**80}
    failed = play(
        advanced.state,
        result(advanced.state, "a", outputs=odd),
        result(advanced.state, "b", Outcome.FAILED, error="bad \x00 \ud800"),
    )
    log = [(advanced.state.runs["a"].id, 1.0, "line \x00")]
    calls = [(advanced.state.runs["a"].id, 1.0, CallRecord("c" * 300, 0, "", "k" * 80))]
    assert await store.commit([write(claimed.fence, failed, log=log, calls=calls)], NOW) == {task}
    async with database.reading() as session:
        runs = (await session.execute(select(NodeRun).where(col(NodeRun.task_id) == task))).scalars().all()
        found = {run.node_id: run for run in runs}
        lines = (await session.execute(select(NodeLog))).scalars().all()
    outputs = found["a"].outputs
    assert outputs is not None
    assert outputs["nul"] == "a\ufffdb"
    assert outputs["k\ufffd"] == [None, None]
    assert outputs["escaped"] == "\\u0000"
    assert outputs["big"] == 2**80
    assert "\x00" not in (found["b"].error or "")
    assert [line.message for line in lines] == ["line \ufffd"]


async def test_the_history_reads_as_the_api_shows_it(database: Database, store: Store) -> None:
    task = await create_task(database, flow_of(plugin_node("a")))
    await started(store, task)
    async with database.reading() as session:
        found = await entries_of(session, task, Entries())
    assert [(row.sequence, row.kind, row.node_id) for row in found][:3] == [
        (1, "task", None),
        (2, "node", "start"),
        (3, "node", "fork"),
    ]
    assert found[0].data == {"state": "RUNNING"}
    assert found[1].data == {
        "node_id": "start",
        "state": "FINISHED",
        "attempt": 1,
        "loop": 1,
        "started_at": "1970-01-01T00:00:01Z",
        "finished_at": "1970-01-01T00:00:01Z",
        "error": None,
    }


async def test_the_history_is_whole_and_in_order_wherever_its_entries_stand(database: Database, store: Store) -> None:
    task = await create_task(database, FLOW)
    claimed, begun = await started(store, task)
    failed = play(begun.state, result(begun.state, "a", Outcome.FAILED, error="no"), result(begun.state, "b"))
    await store.commit([write(claimed.fence, failed)], NOW)
    skipped = play(failed.state, SkipRequested(3.0, "a", "ann"))
    await store.commit([write(claimed.fence, skipped, release=True)], NOW)
    expected = [(change.sequence, *describe(change)) for each in (begun, failed, skipped) for change in each.changes]
    async with database.reading() as session:
        found = await entries_of(session, task, Entries())
        behind = await entries_of(session, task, Entries(after=3), limit=4)
        of_node = await entries_of(session, task, Entries(node_id="a"))
        operations = await entries_of(session, task, Entries(kind="operation"))
        assert await last_entry(session, await task_of(database, task)) == skipped.state.sequence
    assert [(row.sequence, row.kind, row.node_id, row.data) for row in found] == [
        (sequence, kind, node, json.loads(data)) for sequence, kind, node, data in expected
    ]
    assert [row.sequence for row in behind] == [4, 5, 6, 7]
    assert [row.data["state"] for row in of_node if row.kind == "node"] == ["RUNNING", "FAILED", "SKIPPED"]
    assert [row.data["operation"] for row in operations] == ["skip"]


async def middle(database: Database, store: Store) -> tuple[Claimed, Advanced]:
    """A write of node runs alone, in the middle of a task of two nodes in a row."""
    task = await create_task(database, flow_of(plugin_node("a"), plugin_node("b")))
    claimed = await claim(store, task)
    assert claimed.state is not None
    graph = Graph(read_flow(flow_of(plugin_node("a"), plugin_node("b"))))
    begun = advance(graph, claimed.state, [TaskStarted(1.0)], Surroundings())
    await store.commit([write(claimed.fence, begun)], NOW)
    return claimed, advance(graph, begun.state, [result(begun.state, "a")], Surroundings())


async def test_what_node_runs_say_alone_comes_back_with_its_numbers(database: Database, store: Store) -> None:
    claimed, moved = await middle(database, store)
    before = (await task_of(database, claimed.task_id)).sequence
    assert await store.commit([write(claimed.fence, moved, same_row=True)], NOW) == {claimed.task_id}
    assert (await task_of(database, claimed.task_id)).sequence == before
    await store.forget_worker("one")
    assert (await claim(store, claimed.task_id, "two")).state == moved.state
    async with database.reading() as session:
        assert await last_entry(session, await task_of(database, claimed.task_id)) == moved.state.sequence


async def test_node_runs_alone_are_refused_under_an_old_fence(database: Database, store: Store) -> None:
    claimed, moved = await middle(database, store)
    await store.forget_worker("one")
    taken = await claim(store, claimed.task_id, "two")
    stale = write(claimed.fence, moved, same_row=True, log=[(f"{claimed.task_id}.1", 1.0, "line")])
    assert await store.commit([stale], NOW) == frozenset()
    again = await claim(store, claimed.task_id, "two")
    assert again.state == taken.state
    async with database.reading() as session:
        assert (await session.execute(select(NodeLog))).scalars().all() == []


async def test_writing_again_what_was_in_doubt_does_no_harm(database: Database, store: Store) -> None:
    claimed, moved = await middle(database, store)
    for _ in range(2):
        assert await store.commit([write(claimed.fence, moved, same_row=True)], NOW) == {claimed.task_id}
    later = [run._replace(due=9.0) for run in moved.runs.values()]
    await store.commit([TaskWrite(claimed.fence, moved.state, later, same_row=True)], NOW)
    async with database.reading() as session:
        found = await entries_of(session, claimed.task_id, Entries())
    assert [row.sequence for row in found] == list(range(1, moved.state.sequence + 1))


async def test_workers_show_and_are_forgotten(store: Store) -> None:
    assert {worker.id for worker in await store.workers()} == {"one", "two"}
    await store.forget_worker("one")
    found = await store.workers()
    assert [(worker.id, worker.alive_until) for worker in found] == [("two", NOW + timedelta(seconds=60))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_sweeps_and_claims_read_grows_with_what_is_due_and_not_with_all_that_ever_was(
    database: Database,
) -> None:
    """SQLite keeps no statistics here: a plan it takes for an empty table it takes for a million rows."""
    given = {"worker": "one", "now": "2026", "limit": 1}
    queries = [(query.format(alive=sqlite_store._ALIVE), given) for query in sqlite_store._SWEEP]
    plain = [(sqlite_store._TIMERS, ("2026", 1)), (sqlite_store._MESSAGES, ("a",)), (sqlite_store._RUNS, ("a",))]
    plans = []
    async with database.reading() as session:
        connection = await session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        for query, values in [*queries, *plain]:
            found = await driver.execute_fetchall(f"EXPLAIN QUERY PLAN {query}", values)
            plans += [row[3] for row in found]
    walked = [plan for plan in plans if plan.startswith("SCAN") and plan != "SCAN orchestrator_worker"]
    assert walked == ["SCAN m USING INDEX ix_orchestrator_task_message_open"]  # all that are open
