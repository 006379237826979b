"""What goes wrong around a worker: the database away, rows it will not take, definitions nobody can read, late news."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.clock import SystemClock
from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.db.database import Database
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.store import NOBODY, StoreBusy, TaskWrite
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import until
from tests.support.runtime import QUICK, Uncancelled, create_task, make_worker, send, task_of, until_state

ONE = flow_of(plugin_node("a"))


class Plugins(Uncancelled):
    """`wait` waits for callbacks until one says `done`; `hold` for `release`; everything else succeeds at once."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.news: list[Any] = []
        self.release = asyncio.Event()
        self.poll_after = 60.0

    async def execute(self, call: PluginCall) -> PluginResult:
        self.calls.append(call.node_run_id)
        match call.plugin:
            case "wait":
                return PluginResult(PluginState.CALLBACK, storage={"asked": 1}, poll_after_seconds=self.poll_after)
            case "hold":
                await self.release.wait()
        return PluginResult(PluginState.SUCCESS, outputs={"value": 1})

    async def poll(self, call: PluginCall) -> PluginResult:
        return PluginResult(PluginState.CALLBACK, storage=call.storage, poll_after_seconds=self.poll_after)

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        self.news.append(data)
        if data == "done":
            return PluginResult(PluginState.SUCCESS, outputs={"said": data})
        return PluginResult(PluginState.CALLBACK, storage=call.storage, poll_after_seconds=self.poll_after)


class Moody:
    """A store whose calls a test may disturb."""

    def __init__(self, url: str) -> None:
        self._store = open_store(url)
        self.away = False
        self.poison = ""
        self.doubtful = 0
        self.claims = 0

    def __getattr__(self, name: str) -> Any:
        if self.away and name in {"sweep", "messages", "beat", "workers", "owned", "definition"}:
            return self._refuse
        return getattr(self._store, name)

    async def _refuse(self, *_given: Any) -> Any:
        raise StoreBusy("away")

    async def claim(self, *given: Any) -> Any:
        self.claims += 1
        if self.away:
            raise StoreBusy("away")
        return await self._store.claim(*given)

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        if self.away:
            raise StoreBusy("away")
        if any(write.state.task_id == self.poison for write in writes):
            raise ValueError("a value no database takes")
        owned = await self._store.commit(writes, now)
        if self.doubtful:
            self.doubtful -= 1
            raise StoreBusy("the connection ended before the answer came")
        return owned


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


@pytest.fixture
def store(database: Database) -> Moody:
    return Moody(database.url)


@pytest.fixture
async def worker(database: Database, plugins: Plugins, store: Moody, tmp_path: Path):
    made = make_worker(database, plugins, tmp_path, store)  # type: ignore[arg-type]  # what it lacks it hands on
    await made.start()
    yield made
    await made.stop()


async def test_a_database_that_was_away_loses_nothing(database: Database, worker, store: Moody, plugins) -> None:
    task = await create_task(database, flow_of(plugin_node("a", "hold"), plugin_node("b")))
    await until_state(database, task, "RUNNING")
    store.away = True
    plugins.release.set()
    later = await create_task(database, ONE)
    worker.wake(later)
    await asyncio.sleep(0.2)
    assert (await task_of(database, task)).state == "RUNNING"
    store.away = False
    await until_state(database, task, "FINISHED")
    await until_state(database, later, "FINISHED")
    assert plugins.calls == [f"{task}.2", f"{task}.3", f"{later}.2"]


async def test_a_commit_whose_answer_was_lost_is_made_again_to_no_harm(database, worker, store: Moody, plugins) -> None:
    store.doubtful = 3
    task = await create_task(database, flow_of(plugin_node("a"), plugin_node("b")))
    done = await until_state(database, task, "FINISHED")
    assert plugins.calls == [f"{task}.2", f"{task}.3"]
    assert done.lease_owner is None


async def test_rows_the_database_refuses_stop_their_own_task_alone(database, worker, store: Moody, plugins) -> None:
    bad = await create_task(database, ONE)
    store.poison = bad
    good = [await create_task(database, ONE) for _ in range(5)]
    for task in (bad, *good):
        worker.wake(task)
    for task in good:
        await until_state(database, task, "FINISHED")
    assert (await task_of(database, bad)).state == "CREATED"
    store.poison = ""
    await until_state(database, bad, "FINISHED")


async def test_a_task_whose_definition_is_unreadable_is_left_to_others(database: Database, worker) -> None:
    bad = await create_task(database, ONE, definition_id="0" * 64)

    async def left() -> bool:
        return (await task_of(database, bad)).lease_owner == NOBODY

    await until(left)
    good = await create_task(database, ONE)
    await until_state(database, good, "FINISHED")
    found = await task_of(database, bad)
    assert (found.state, found.fence < 20) == ("CREATED", True)


async def test_a_claim_whose_answer_was_lost_is_taken_up_by_its_owner(database, worker, plugins) -> None:
    task = await create_task(database, ONE, start_at=None)
    other = open_store(database.url)
    await other.open()
    await other.claim(worker.id, [task], {}, SystemClock().now())
    await other.close()
    await send(database, task, "revoke", actor="ann")
    assert (await until_state(database, task, "REVOKED")).lease_owner is None
    assert plugins.calls == []


async def test_a_message_of_an_unknown_kind_is_settled_with_the_reason(database: Database, worker) -> None:
    task = await create_task(database, ONE, start_at=None)
    message = await send(database, task, "levitate")

    async def refused() -> bool:
        async with database.reading() as session:
            row = await session.get(TaskMessage, message)
        return row is not None and row.reason == "this version knows no levitate"

    await until(refused)


async def test_callbacks_are_delivered_in_order_each_once_and_late_ones_refused(database, worker, plugins) -> None:
    task = await create_task(database, flow_of(plugin_node("a", "wait"), plugin_node("b")))
    await until_state(database, task, "RUNNING")
    run = f"{task}.2"
    sent = [await send(database, task, "callback", run_id=run, data={"data": news}) for news in ("one", "two", "done")]
    for _ in range(20):
        worker.wake(task)
        await asyncio.sleep(0)
    await until_state(database, task, "FINISHED")
    assert plugins.news == ["one", "two", "done"]
    late = await send(database, task, "callback", run_id=run, data={"data": "more"})

    async def reasons() -> list[str | None]:
        async with database.reading() as session:
            rows = [await session.get(TaskMessage, name) for name in (*sent, late)]
        return [row.reason if row and row.settled_at else "open" for row in rows]

    async def settled() -> bool:
        return await reasons() == [None, None, None, "the node run is over"]

    await until(settled)


async def test_a_task_that_waits_holds_neither_place_nor_lease_nor_timer(database, worker, plugins, store) -> None:
    task = await create_task(database, flow_of(plugin_node("a", "wait")))

    async def let_go() -> bool:
        found = await task_of(database, task)
        return found.state == "RUNNING" and found.lease_owner is None

    await until(let_go)
    assert not worker._actors
    before = (await task_of(database, task)).fence, store.claims
    await asyncio.sleep(0.3)
    assert ((await task_of(database, task)).fence, store.claims) == before


async def test_a_moved_poll_is_written_though_another_node_lets_the_task_go(database, worker, plugins, store) -> None:
    """A poll that found nothing new is not worth a commit; the next commit must carry its new time all the same."""
    plugins.poll_after = 0.1
    task = await create_task(
        database,
        flow_of(
            {"id": "fork", "kind": "parallel"},
            plugin_node("a", "wait"),
            plugin_node("b", "hold"),
            {"id": "meet", "kind": "join"},
            edges=["start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>end"],
        ),
    )
    await until_state(database, task, "RUNNING")
    await asyncio.sleep(0.25)
    plugins.poll_after = 60.0
    await asyncio.sleep(0.25)
    plugins.release.set()

    async def let_go() -> bool:
        return (await task_of(database, task)).lease_owner is None

    await until(let_go)
    fence = (await task_of(database, task)).fence
    await asyncio.sleep(0.3)
    assert (await task_of(database, task)).fence == fence
    await send(database, task, "callback", run_id=f"{task}.3", data={"data": "done"})
    await until_state(database, task, "FINISHED")


async def test_more_tasks_than_places_are_all_done_in_turn(database, plugins, tmp_path) -> None:
    pace = Pace(actors=2, calls=2, sweep=60, beat=60, orphans=60)
    made = make_worker(database, plugins, tmp_path, pace=pace)
    await made.start()
    tasks = [await create_task(database, ONE) for _ in range(9)]
    for task in tasks:
        made.wake(task)
    for task in tasks:
        await until_state(database, task, "FINISHED")
    await made.stop()
    assert len(plugins.calls) == 9


async def test_local_plugins_never_reach_the_invoker_however_many(database, plugins, tmp_path) -> None:
    ends = [{"id": "fork", "kind": "parallel"}, {"id": "meet", "kind": "join"}]
    names = [f"n{number}" for number in range(1100)]
    edges = ["start>fork", *(f"fork>{name}" for name in names), *(f"{name}>meet" for name in names), "meet>end"]
    document = flow_of(*ends, *(plugin_node(name, "here") for name in names), edges=edges)
    local = {"here": lambda _call: PluginResult(PluginState.SUCCESS)}
    made = make_worker(database, plugins, tmp_path, local_plugins=local)
    await made.start()
    task = await create_task(database, document)
    made.wake(task)
    await until_state(database, task, "FINISHED")
    await made.stop()
    assert plugins.calls == []


async def test_a_local_plugin_that_raises_fails_its_node(database, plugins, tmp_path) -> None:
    def fail(_call: PluginCall) -> PluginResult:
        raise ValueError("no good")

    made = make_worker(database, plugins, tmp_path, local_plugins={"here": fail})
    await made.start()
    task = await create_task(database, flow_of(plugin_node("a", "here")))
    await until_state(database, task, "FAILED")
    await made.stop()


async def test_a_silent_worker_loses_its_tasks_and_its_late_writes_are_refused(database, plugins, tmp_path) -> None:
    """No lock file tells of it, as on another machine: only its lease runs out."""
    frozen = Plugins()
    first = make_worker(database, frozen, None, pace=Pace(sweep=0.05, lease=0.3, beat=60, orphans=60))
    await first.start()
    task = await create_task(database, flow_of(plugin_node("a", "hold"), plugin_node("b")))
    await until_state(database, task, "RUNNING")
    plugins.release.set()
    second = make_worker(database, plugins, None, pace=QUICK)
    await second.start()
    done = await until_state(database, task, "FINISHED")
    frozen.release.set()

    async def dropped() -> bool:
        return not first._actors

    await until(dropped)
    assert (await task_of(database, task)).sequence == done.sequence
    assert frozen.calls == [f"{task}.2"]
    assert plugins.calls == [f"{task}.2", f"{task}.3"]
    await first.stop()
    await second.stop()


async def test_retry_skip_and_revoke_are_taken_from_the_store(database, plugins, tmp_path) -> None:
    answers = iter(["", "again"])

    def failing(call: PluginCall) -> PluginResult:
        if call.inputs.get("ok"):
            return PluginResult(PluginState.SUCCESS, outputs={"ok": True})
        return PluginResult(PluginState.FAIL, error="not ok" + next(answers, ""))

    made = make_worker(database, plugins, tmp_path, local_plugins={"check": failing})
    await made.start()
    document = flow_of(plugin_node("a", "check"), plugin_node("b", "check"), plugin_node("c", "check"))
    task = await create_task(database, document)
    await until_state(database, task, "FAILED")
    await send(database, task, "retry", node_id="a", data={"inputs": {"ok": True}})

    async def at(sequence: int) -> bool:
        found = await task_of(database, task)
        return found.state == "FAILED" and found.counter >= sequence and found.lease_owner is None

    await until(lambda: at(4))
    await send(database, task, "skip", node_id="b")
    await until(lambda: at(5))
    await send(database, task, "revoke")
    revoked = await until_state(database, task, "REVOKED")
    await made.stop()
    assert revoked.finished_at is not None
    assert revoked.finished_at <= SystemClock().now() + timedelta(seconds=1)
