"""A worker with real stores: owners, operations, timers, errors of its own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState, PluginUnavailable
from kernel.db.database import Database
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.store import WorkerRow
from orchestrator.runtime.worker import Worker
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import until
from tests.support.runtime import TOKENS, Uncancelled, create_task, make_worker, send, task_of, until_state

CHAIN = flow_of(plugin_node("a"), plugin_node("b"))


class Plugins(Uncancelled):
    """Counts, and does what `behave` says."""

    def __init__(self) -> None:
        self.calls: list[PluginCall] = []
        self.polls = 0
        self.away = 0
        self.poll_after = 0.0
        self.due = 0.0
        self.polled_before_due = 0
        self.hold: asyncio.Event | None = None

    async def execute(self, call: PluginCall) -> PluginResult:
        self.calls.append(call)
        if self.away:
            self.away -= 1
            raise PluginUnavailable("the gateway restarts")
        if self.hold is not None:
            await self.hold.wait()
        match call.plugin:
            case "crash":
                raise RuntimeError("the invoker has a fault")
            case "poll":
                self._ask_again_later()
                return PluginResult(PluginState.POLL, storage={"x": 1}, poll_after_seconds=self.poll_after)
            case "odd":
                return PluginResult(PluginState.SUCCESS, outputs={"x": "\x00"}, log=("\x00",))
            case _:
                return PluginResult(PluginState.SUCCESS, outputs={"value": 1})

    async def poll(self, call: PluginCall) -> PluginResult:
        self.polls += 1
        self.polled_before_due += asyncio.get_running_loop().time() < self.due
        if self.polls >= 3:
            return PluginResult(PluginState.SUCCESS)
        self._ask_again_later()
        return PluginResult(PluginState.POLL, storage=call.storage, poll_after_seconds=self.poll_after)

    def _ask_again_later(self) -> None:
        self.due = asyncio.get_running_loop().time() + self.poll_after

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        raise AssertionError(f"{call.plugin} expects no callback, got {data}")


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


@pytest.fixture
async def worker(database: Database, plugins: Plugins, tmp_path: Path) -> AsyncIterator[Worker]:
    made = make_worker(database, plugins, tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_call_says_who_calls_and_where_to_call_back(
    database: Database, worker: Worker, plugins: Plugins
) -> None:
    task = await create_task(database, CHAIN)
    worker.wake(task)
    await until_state(database, task, "FINISHED")
    call = plugins.calls[0]
    assert (call.task_id, call.on_behalf_of, call.scopes) == (task, "ann", frozenset({"cmdb:read"}))
    assert call.context == {
        "task": {"id": task, "name": "Task", "created_by": "ann"},
        "project": {"id": "0" * 32, "code": "shop"},
    }
    assert TOKENS.run_of(call.callback_url.rpartition("/")[2]) == call.node_run_id


async def test_a_lost_wake_up_costs_a_sweep_and_no_node(database: Database, worker: Worker) -> None:
    task = await create_task(database, CHAIN)
    await until_state(database, task, "FINISHED")
    assert worker._actors == {}


async def test_an_owned_task_is_let_go_when_it_is_done(database: Database, worker: Worker) -> None:
    task = await create_task(database, CHAIN)
    worker.wake(task)
    await until_state(database, task, "FINISHED")
    assert (await task_of(database, task)).lease_owner is None


async def test_a_plugin_that_cannot_be_reached_is_called_again_under_the_same_run(
    database: Database, worker: Worker, plugins: Plugins
) -> None:
    plugins.away = 2
    task = await create_task(database, flow_of(plugin_node("a")))
    worker.wake(task)
    await until_state(database, task, "FINISHED")
    assert len(plugins.calls) == 3
    assert len({call.node_run_id for call in plugins.calls}) == 1


async def test_a_fault_of_the_way_fails_the_node_and_leaves_the_rest_alone(database: Database, worker: Worker) -> None:
    bad, good = await create_task(database, flow_of(plugin_node("a", "crash"))), await create_task(database, CHAIN)
    for task in (bad, good):
        worker.wake(task)
    await until_state(database, bad, "FAILED")
    await until_state(database, good, "FINISHED")


@pytest.mark.parametrize("after", [0.0, 2.4])
async def test_polls_come_when_due_and_not_before_whether_the_task_stays_or_is_let_go_meanwhile(
    database: Database, worker: Worker, plugins: Plugins, after: float
) -> None:
    plugins.poll_after = after
    plugins.polls = 1 if after else 0
    task = await create_task(database, flow_of(plugin_node("a", "poll")))
    worker.wake(task)
    if after:

        async def let_go() -> bool:
            found = await task_of(database, task)
            return found.lease_owner is None and found.state == "RUNNING"

        await until(let_go)
        assert worker._actors == {}
    await until_state(database, task, "FINISHED")
    assert plugins.polls == 3
    assert plugins.polled_before_due == 0


async def test_operations_are_done_by_the_owner_and_settled_with_their_outcome(
    database: Database, worker: Worker, plugins: Plugins
) -> None:
    plugins.hold = asyncio.Event()
    task = await create_task(database, CHAIN)
    worker.wake(task)
    await until_state(database, task, "RUNNING")
    legal = await send(database, task, "pause", actor="ann")
    illegal = await send(database, task, "retry", node_id="a", actor="ann")
    worker.wake(task)
    await until_state(database, task, "SUSPENDED")
    plugins.hold.set()

    async def settled() -> bool:
        async with database.reading() as session:
            rows = [await session.get(TaskMessage, name) for name in (legal, illegal)]
        return all(row is not None and row.settled_at is not None for row in rows)

    await until(settled)
    async with database.reading() as session:
        refused = await session.get(TaskMessage, illegal)
        done = await session.get(TaskMessage, legal)
    assert refused is not None
    assert done is not None
    assert "only a FAILED or RETRYING node can retry" in (refused.reason or "")
    assert done.reason is None
    assert len(plugins.calls) == 1
    await send(database, task, "resume")
    await until_state(database, task, "FINISHED")


async def test_two_workers_share_and_never_run_a_node_twice(
    database: Database, worker: Worker, plugins: Plugins, tmp_path: Path
) -> None:
    other = make_worker(database, plugins, tmp_path)
    await other.start()
    tasks = [await create_task(database, CHAIN) for _ in range(10)]
    for task in tasks:
        worker.wake(task)
        other.wake(task)
    for task in tasks:
        await until_state(database, task, "FINISHED")
    await other.stop()
    runs = [call.node_run_id for call in plugins.calls]
    assert len(runs) == len(set(runs)) == 20


async def test_an_owner_that_lost_its_lease_changes_nothing_more(
    database: Database, worker: Worker, plugins: Plugins
) -> None:
    plugins.hold = asyncio.Event()
    task = await create_task(database, CHAIN)
    worker.wake(task)
    await until_state(database, task, "RUNNING")
    store = open_store(database.url)
    await store.open()
    await worker._presence._beats.stop()
    now = worker._clock.now()
    await store.beat(WorkerRow("other", "elsewhere", "", now + timedelta(hours=1)), now)
    await store.forget_worker(worker.id)
    (taken,) = await store.claim("other", [task], {}, now)
    plugins.hold.set()

    async def dropped() -> bool:
        return not worker._actors

    await until(dropped)
    assert taken.state is not None
    found = await task_of(database, task)
    assert found.sequence == taken.state.sequence
    await store.close()


async def test_a_task_dropped_by_a_fault_of_ours_is_taken_up_again(
    database: Database, plugins: Plugins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_worker(database, plugins, tmp_path, pace=Pace(avoid=0.2))
    await made.start()
    faults = iter([RuntimeError("a fault")])
    keep = made.call_of

    def faulty(*given: Any) -> PluginCall:
        for fault in faults:
            raise fault
        return keep(*given)

    monkeypatch.setattr(made, "call_of", faulty)
    task = await create_task(database, CHAIN)
    made.wake(task)
    await until_state(database, task, "FINISHED")
    await made.stop()
    assert [call.node_run_id for call in plugins.calls] == [f"{task}.2", f"{task}.3"]


async def test_stopping_gives_the_tasks_to_the_next_worker_at_once(
    database: Database, plugins: Plugins, tmp_path: Path
) -> None:
    plugins.hold = asyncio.Event()
    first = make_worker(database, plugins, tmp_path)
    await first.start()
    task = await create_task(database, CHAIN)
    first.wake(task)
    await until_state(database, task, "RUNNING")
    await first.stop()
    plugins.hold.set()
    second = make_worker(database, plugins, tmp_path)
    await second.start()
    await until_state(database, task, "FINISHED")
    await second.stop()
    assert [call.node_run_id for call in plugins.calls] == [f"{task}.2", f"{task}.2", f"{task}.3"]


def test_a_callback_token_is_ours_alone_and_outlives_a_change_of_keys() -> None:
    token = TOKENS.token("t.5")
    assert TOKENS.run_of(token) == "t.5"
    assert TOKENS.token("t.5") == token
    for wrong in ("", "t.5", token[:-1], token + "0", token.replace("t.5", "t.6"), "é" + token):
        assert TOKENS.run_of(wrong) is None
    newer = type(TOKENS)([b"a newer key", b"a key of tests"])
    assert newer.run_of(token) == "t.5"
    assert newer.token("t.5") != token
