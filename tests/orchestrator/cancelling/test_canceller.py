"""Plugins are told that node runs are wanted no more: by what they kept, until they have it, whoever dies meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from kernel.clock import Clock, ManualClock, SystemClock, utc_now
from kernel.contracts.plugin_invoker import (
    CallRecord,
    CancelResult,
    CancelState,
    PluginCall,
    PluginResult,
    PluginState,
    PluginUnavailable,
)
from kernel.db.database import Database
from orchestrator.cancelling.canceller import Canceller
from orchestrator.cancelling.pace import CancelPace
from orchestrator.flow.executors import ConsentMissing, Standing
from orchestrator.runtime.models import NodeCall, NodeCancellation, NodeRun, TaskDefinition
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.runtime.worker import Worker
from tests.orchestrator.runtime.test_crash import FragileStore, World
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.runtime import create_task, kill, make_worker, send, until, until_state

QUICK = CancelPace(look=0.02, first=0.01, longest=0.02)
NODE = flow_of(plugin_node("a", inputs={"host": "h"}))
_TOLD = CancelResult(CancelState.CANCELLED, calls=(CallRecord("job.stop", 200, "r", "k"),), log=("stopped",))


@dataclass
class Plugins:
    """One that is polled for ever once it was executed.

    Attributes:
        release: what its first answer waits for.
        away: it can't be reached.
        answers: to being cancelled, in their order; the last one again and again. None: it never answers.
        most: cancels under way at once.
    """

    calls: list[PluginCall] = field(default_factory=list)
    cancels: list[PluginCall] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False
    answers: list[CancelResult | Exception | None] = field(default_factory=lambda: [_TOLD])
    under_way: int = 0
    most: int = 0

    async def execute(self, call: PluginCall) -> PluginResult:
        self.calls.append(call)
        self.begun.set()
        if self.away:
            raise PluginUnavailable("the gateway restarts")
        await self.release.wait()
        if self.away:
            raise RuntimeError("its answer was lost")
        return PluginResult(PluginState.POLL, storage={"job": 7}, poll_after_seconds=60)

    async def poll(self, call: PluginCall) -> PluginResult:
        raise AssertionError(f"{call.plugin} is not polled so soon")

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        raise AssertionError(f"{call.plugin} expects no callback, got {data}")

    async def cancel(self, call: PluginCall) -> CancelResult:
        self.cancels.append(call)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await self._silence()
            raise AssertionError
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _silence(self) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.Event().wait()
        finally:
            self.under_way -= 1


@dataclass
class Consents:
    """Of everybody, until they are withdrawn."""

    withdrawn: bool = False

    async def scopes(self, _project_id: str, _task_id: str, username: str, _inner: Standing | None) -> frozenset[str]:
        if self.withdrawn:
            raise ConsentMissing(f"{username} has withdrawn the consent")
        return frozenset({"cmdb:read"})


@dataclass
class House:
    database: Database
    plugins: Plugins
    folder: Path
    consents: Consents = field(default_factory=Consents)

    async def started(self, ring: Callable[[], None] | None = None, store: Any = None) -> Worker:
        made = make_worker(self.database, self.plugins, self.folder, store, on_cancelling=ring, rights=self.rights)
        await made.start()
        return made

    @asynccontextmanager
    async def worker(self, ring: Callable[[], None] | None = None) -> AsyncIterator[Worker]:
        made = await self.started(ring)
        try:
            yield made
        finally:
            await made.stop()

    @asynccontextmanager
    async def canceller(self, pace: CancelPace = QUICK, clock: Clock | None = None) -> AsyncIterator[Canceller]:
        made = Canceller(self.database, clock or SystemClock(), self.plugins, self.rights, lambda _task: None, pace)
        made.start()
        try:
            yield made
        finally:
            await made.stop()

    @property
    def rights(self) -> CallRights:
        return CallRights(None, self.consents)

    async def waiting(self, worker: Worker, flow: dict[str, Any] = NODE) -> str:
        """A task whose plugin has begun, and what it keeps is durable."""
        task = await create_task(self.database, flow)
        worker.wake(task)
        self.plugins.release.set()

        async def polling() -> bool:
            async with self.database.reading() as session:
                states = (await session.execute(select(NodeRun.state))).scalars().all()
            return "POLLING" in states

        await until(polling)
        return task

    async def ask(self, worker: Worker, task: str, kind: str) -> None:
        await send(self.database, task, kind, node_id=None if kind == "revoke" else "a", actor="ann")
        worker.wake(task)

    async def row(self) -> NodeCancellation | None:
        async with self.database.reading() as session:
            return (await session.execute(select(NodeCancellation))).scalar_one_or_none()

    async def until_row(self, state: str) -> NodeCancellation:
        async def reached() -> bool:
            row = await self.row()
            return row is not None and row.state == state

        await until(reached)
        row = await self.row()
        assert row is not None
        return row


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


@pytest.fixture
def house(database: Database, plugins: Plugins, tmp_path: Path) -> House:
    return House(database, plugins, tmp_path)


@pytest.mark.parametrize("kind", ["revoke", "force_fail"])
async def test_a_plugin_is_told_by_what_it_kept_and_the_task_waits_for_none_of_it(
    house: House, plugins: Plugins, kind: str
) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, kind)
        await until_state(house.database, task, "REVOKED" if kind == "revoke" else "FAILED")
        row = await house.until_row("cancelled")
    (call,) = plugins.cancels
    assert (call.node_run_id, call.storage, call.inputs) == (row.run_id, {"job": 7}, {"host": "h"})
    assert (call.scopes, call.on_behalf_of, call.ending) == (frozenset({"cmdb:read"}), "ann", True)
    assert (row.node_id, row.attempts, row.due_at) == ("a", 1, None)
    async with house.database.reading() as session:
        (made,) = (await session.execute(select(NodeCall))).scalars()
    assert (made.run_id, made.component, made.idempotency_key) == (row.run_id, "job.stop", "k")


@pytest.mark.parametrize(("kind", "lost"), [("revoke", False), ("force_fail", False), ("force_fail", True)])
async def test_an_answer_under_way_is_waited_for_since_it_says_what_was_begun(
    house: House, plugins: Plugins, kind: str, *, lost: bool
) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await create_task(house.database, NODE)
        worker.wake(task)
        await plugins.begun.wait()
        await house.ask(worker, task, kind)
        await house.until_row("waiting")
        assert plugins.cancels == []
        plugins.away = lost
        plugins.release.set()
        await house.until_row("cancelled")
    assert [call.storage for call in plugins.cancels] == [{} if lost else {"job": 7}]


async def test_a_call_whose_turn_comes_after_the_end_is_not_made(house: House, plugins: Plugins) -> None:
    plugins.away = True
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await create_task(house.database, NODE)
        worker.wake(task)
        await plugins.begun.wait()
        await house.ask(worker, task, "force_fail")
        await house.until_row("ended")
        made = len(plugins.calls)
        plugins.away = False
        plugins.release.set()
        await until_state(house.database, task, "FAILED")
        assert worker._calls._pauses == set()
    assert (len(plugins.calls), plugins.cancels) == (made, [])


async def test_a_plugin_that_cannot_be_reached_is_told_again_and_given_up_at_last(
    house: House, plugins: Plugins
) -> None:
    away, broken = PluginUnavailable("the gateway restarts"), RuntimeError("a fault of the way")
    plugins.answers = [away, broken, _TOLD]
    async with house.worker() as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        await house.until_row("waiting")
        async with house.canceller():
            row = await house.until_row("cancelled")
        assert (row.attempts, row.reason) == (3, "")
        plugins.answers = [away]
        plugins.release.clear()
        await house.ask(worker, task, "retry")
        await until_state(house.database, task, "RUNNING")
        plugins.release.set()
        async with house.canceller(CancelPace(look=0.02, give_up=0)):
            await house.ask(worker, task, "force_fail")

            async def given_up() -> bool:
                async with house.database.reading() as session:
                    rows = (await session.execute(select(NodeCancellation))).scalars().all()
                return [(row.state, row.reason) for row in rows if row.run_id.endswith(".3")] == [
                    ("not_reached", "the gateway restarts")
                ]

            await until(given_up)


async def test_what_was_asked_for_survives_the_worker_and_whoever_was_telling(house: House, plugins: Plugins) -> None:
    worker = await house.started()
    task = await house.waiting(worker)
    await house.ask(worker, task, "force_fail")
    await house.until_row("waiting")
    await kill(worker)
    plugins.answers = [None, _TOLD]
    async with house.canceller():

        async def asked() -> bool:
            return bool(plugins.cancels)

        await until(asked)
    assert (await house.until_row("waiting")).attempts == 1
    async with house.canceller(clock=ManualClock(utc_now() + timedelta(seconds=QUICK.lease))):
        row = await house.until_row("cancelled")
    first, again = plugins.cancels
    assert (first.node_run_id, first.storage) == (again.node_run_id, again.storage) == (row.run_id, {"job": 7})


async def test_a_plugin_that_never_answers_is_told_one_at_a_time_and_given_up_at_last(
    house: House, plugins: Plugins
) -> None:
    plugins.answers = [None]
    async with (
        house.canceller(replace(QUICK, lease=0.2, give_up=0.2)) as canceller,
        house.worker(canceller.ring) as worker,
    ):
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        row = await house.until_row("not_reached")
    assert (plugins.most, plugins.under_way) == (1, 0)
    assert row.attempts == len(plugins.cancels) > 1
    assert (row.due_at, "did not answer in time" in row.reason) == (None, True)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"nodes": "none"}, "nodes"),
        (flow_of(plugin_node("b")), "'a'"),
        (flow_of({"id": "a", "kind": "timer", "seconds": 30}), "a calls nothing"),
    ],
)
async def test_what_can_no_longer_be_read_is_given_up(
    house: House, plugins: Plugins, document: dict[str, Any], said: str
) -> None:
    async with house.worker() as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        await house.until_row("waiting")
    async with house.database.unit_of_work() as session:
        (await session.execute(select(TaskDefinition))).scalar_one().document = document
    async with house.canceller():
        row = await house.until_row("not_reached")
    assert (row.due_at, said in row.reason, plugins.cancels) == (None, True, [])


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_revocation_and_what_it_asks_for_are_durable_together_or_not_at_all(
    house: House, plugins: Plugins, moment: str
) -> None:
    world = World(house.database)
    store = FragileStore(house.database.url, world)
    worker = await house.started(store=store)
    task = await house.waiting(worker)
    store.die(moment, store.commits + 1)
    await house.ask(worker, task, "revoke")
    await world.dying.wait()
    await kill(worker)
    assert (await house.row() is not None) is (moment == "after")
    async with house.canceller() as canceller, house.worker(canceller.ring):
        await until_state(house.database, task, "REVOKED")
        row = await house.until_row("cancelled")
    assert [(call.node_run_id, call.storage) for call in plugins.cancels] == [(row.run_id, {"job": 7})]


async def test_a_consent_that_was_withdrawn_is_told(house: House, plugins: Plugins) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await house.waiting(worker, flow_of(plugin_node("a", executor="bea")))
        house.consents.withdrawn = True
        await house.ask(worker, task, "revoke")
        row = await house.until_row("not_reached")
    assert (row.reason, plugins.cancels) == ("bea has withdrawn the consent", [])


async def test_a_task_that_is_revoked_after_a_crash_waits_for_the_answer_that_comes_again(
    house: House, plugins: Plugins
) -> None:
    worker = await house.started()
    task = await create_task(house.database, NODE)
    worker.wake(task)
    await plugins.begun.wait()
    await house.ask(worker, task, "revoke")
    await house.until_row("waiting")
    await kill(worker)
    plugins.release.set()
    async with house.canceller() as canceller, house.worker(canceller.ring):
        await house.until_row("cancelled")
    assert [call.storage for call in plugins.cancels] == [{"job": 7}]


async def test_a_node_shows_what_became_of_telling_its_plugin(running_house: OrchestratorHouse) -> None:
    running_house.invoker.cancelled = CancelResult(CancelState.NOT_REACHED, "it would not stop")
    task = await running_house.launch(flow_of(plugin_node("a", "wait")))
    await running_house.until(task, "WAITING_CALLBACK", "a")
    assert await shown(running_house, task) is None
    revoked = await running_house.client.post(f"/tasks/{task}:revoke")
    assert revoked.status_code == 200, revoked.text

    async def told() -> bool:
        return (await shown(running_house, task))["state"] != "waiting"

    await until(told)
    found = await shown(running_house, task)
    assert (found["state"], found["reason"]) == ("not_reached", "it would not stop")
    assert [call.storage for call in running_house.invoker.cancels] == [{"asked": True}]
    listed = await running_house.client.get(f"/tasks/{task}/cancellations")
    assert [(told["node_id"], told["state"]) for told in listed.json()["items"]] == [("a", "not_reached")]
    other = await running_house.client.get(f"/tasks/{task}/cancellations", headers=as_user("stranger"))
    assert other.status_code == 403


async def shown(house: OrchestratorHouse, task: str) -> Any:
    """What the node's only attempt says of its cancellation."""
    (run,) = (await house.client.get(f"/tasks/{task}/nodes/a")).json()["runs"]
    return run["cancellation"]
