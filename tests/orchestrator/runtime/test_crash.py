"""A worker dies at every point of a task; the next one finishes it: nothing lost, nothing run under a second key."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.db.database import Database
from orchestrator.runtime.history import Entries, entries_of
from orchestrator.runtime.models import NodeRun, TaskMessage
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.store import TaskWrite
from tests.support.orchestrator import plugin_node
from tests.support.runtime import Uncancelled, create_task, kill, make_worker, send, task_of, until_state

EDGES = "start>fork fork>quick fork>polled fork>called quick>meet polled>meet called>meet meet>last last>end"
FLOW: dict[str, Any] = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "fork", "kind": "parallel"},
        plugin_node("quick", "quick"),
        plugin_node("polled", "polled"),
        plugin_node("called", "called"),
        {"id": "meet", "kind": "join"},
        plugin_node("last", "quick", inputs={"all": ["${nodes.quick.outputs.n}", "${nodes.called.outputs.said}"]}),
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": edge, "source": edge.split(">", maxsplit=1)[0], "target": edge.split(">")[1]} for edge in EDGES.split()
    ],
    "outputs": {"all": "${nodes.last.outputs.inputs.all}", "polls": "${nodes.polled.outputs.polls}"},
}
POINTS = 14
INSIDE = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "head", "kind": "expression", "values": {"x": "1"}},
        plugin_node("again", "quick", inputs={"pass": "${nodes.head.loop}"}),
        {"id": "how", "kind": "exclusive"},
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": "e1", "source": "start", "target": "head"},
        {"id": "e2", "source": "head", "target": "again"},
        {"id": "e3", "source": "again", "target": "how"},
        {"id": "e4", "source": "how", "target": "head", "condition": "nodes.head.loop < 2"},
        {"id": "e5", "source": "how", "target": "end", "default": True},
    ],
    "outputs": {"pass": "${nodes.again.outputs.inputs.pass}"},
}
NESTED = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "sub", "kind": "subflow", "flow": "inside", "revision": 1},
        {"id": "sleep", "kind": "timer", "seconds": 0.01},
        {"id": "each", "kind": "map", "flow": "inside", "revision": 1, "items": [1, 2], "parallel": 2},
        plugin_node("flaky", "flaky", retry={"times": 1}),
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": f"e{number}", "source": source, "target": target}
        for number, (source, target) in enumerate(pairwise(["start", "sub", "sleep", "each", "flaky", "end"]))
    ],
    "outputs": {"sub": "${nodes.sub.outputs.pass}", "each": "${nodes.each.outputs.items}"},
    "subflows": {"inside@1": INSIDE},
}
NESTED_POINTS = 7


@dataclass
class World(Uncancelled):
    """Plugins with an outside that keeps what it was asked, by key; the point at which the process dies.

    Attributes:
        effects: node run → times its effect was asked for; a repeat under the same key has none.
    """

    database: Database
    effects: Counter[str] = field(default_factory=Counter)
    told: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    dies_at_call: int = 0
    dying: asyncio.Event = field(default_factory=asyncio.Event)

    async def execute(self, call: PluginCall) -> PluginResult:
        self.effects[call.node_run_id] += 1
        if call.plugin == "called":
            await self._call_back(call)
        await self._maybe_die()
        match call.plugin:
            case "flaky" if self.failed.setdefault(call.task_id, call.node_run_id) == call.node_run_id:
                return PluginResult(PluginState.FAIL, error="once")
            case "quick" | "flaky":
                return PluginResult(PluginState.SUCCESS, outputs={"n": 7, "inputs": dict(call.inputs)})
            case "polled":
                return PluginResult(PluginState.POLL, storage={"polls": 0}, poll_after_seconds=0.0)
            case _:
                return PluginResult(PluginState.CALLBACK, storage={"asked": True})

    async def poll(self, call: PluginCall) -> PluginResult:
        await self._maybe_die()
        polls = call.storage["polls"] + 1
        if polls == 2:
            return PluginResult(PluginState.SUCCESS, outputs={"polls": polls})
        return PluginResult(PluginState.POLL, storage={"polls": polls}, poll_after_seconds=0.0)

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        await self._maybe_die()
        assert call.storage == {"asked": True}
        return PluginResult(PluginState.SUCCESS, outputs={"said": data["said"]})

    async def _call_back(self, call: PluginCall) -> None:
        """The other system is quicker than its own answer, tells once a key, and does not die with us."""
        run = call.node_run_id
        if run not in self.told:
            told = send(self.database, call.task_id, "callback", run_id=run, data={"data": {"said": "yes"}})
            self.told[run] = asyncio.ensure_future(told)
        await asyncio.shield(self.told[run])

    async def _maybe_die(self) -> None:
        self.calls += 1
        if self.calls == self.dies_at_call:
            self.dying.set()
            await asyncio.Event().wait()


class FragileStore:
    """Stops for ever before or after its n-th commit."""

    def __init__(self, url: str, world: World, *, before: int = 0, after: int = 0) -> None:
        self._store = open_store(url)
        self._world = world
        self._before, self._after = before, after
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def die(self, moment: str, commit: int) -> None:
        """At another commit: `before` it, or `after`."""
        self._before, self._after = (commit, 0) if moment == "before" else (0, commit)

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        self.commits += 1
        if self.commits == self._before:
            await self._die()
        owned = await self._store.commit(writes, now)
        if self.commits == self._after:
            await self._die()
        return owned

    async def _die(self) -> None:
        self._world.dying.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("moment", ["before commit", "after commit", "during call"])
async def test_a_task_outlives_its_worker_at_every_point(database: Database, tmp_path: Path, moment: str) -> None:
    survived = 0
    for point in range(1, POINTS + 1):
        survived += await outlives(database, tmp_path, moment, point)
    assert survived >= 4  # the later points lie behind the end of the task


@pytest.mark.parametrize("moment", ["before commit", "after commit", "during call"])
async def test_case_49_loops_subflows_items_timers_and_retries_go_on_from_every_point(
    database: Database, tmp_path: Path, moment: str
) -> None:
    survived = 0
    for point in range(1, NESTED_POINTS + 1):
        task, died = await outlived(database, tmp_path, NESTED, moment, point)
        survived += died
        done = await task_of(database, task)
        assert done.outputs == {"sub": 2, "each": [{"pass": 2}, {"pass": 2}]}
        async with database.reading() as session:
            runs = (await session.execute(select(NodeRun).where(col(NodeRun.task_id) == task))).scalars().all()
        seen = Counter((run.node_id, run.loop, run.attempt) for run in runs)
        assert seen.most_common(1)[0][1] == 1
        assert [run.state for run in runs if run.node_id == "flaky"] == ["FAILED", "FINISHED"]
        assert {run.state for run in runs if run.node_id != "flaky"} == {"FINISHED"}
        assert seen["each[1].again", 2, 1] == 1
    assert survived >= 4


async def outlives(database: Database, folder: Path, moment: str, point: int) -> bool:
    world = World(database, dies_at_call=point if moment == "during call" else 0)
    task = await run_to_its_end(world, folder, FLOW, moment, point)
    done = await task_of(database, task)
    assert done.outputs == {"all": [7, "yes"], "polls": 2}
    await check_rows(database, task, world)
    return world.dying.is_set()


async def outlived(database: Database, folder: Path, flow: dict[str, Any], moment: str, point: int) -> tuple[str, bool]:
    world = World(database, dies_at_call=point if moment == "during call" else 0)
    return await run_to_its_end(world, folder, flow, moment, point), world.dying.is_set()


async def run_to_its_end(world: World, folder: Path, flow: dict[str, Any], moment: str, point: int) -> str:
    """A task whose worker dies at the point and is followed by another; the task's id."""
    database = world.database
    store = FragileStore(
        database.url,
        world,
        before=point if moment == "before commit" else 0,
        after=point if moment == "after commit" else 0,
    )
    task = await create_task(database, flow)
    worker = make_worker(database, world, folder, store)  # type: ignore[arg-type] # what it lacks it hands on
    await worker.start()
    worker.wake(task)
    finished = asyncio.create_task(until_state(database, task, "FINISHED"))
    died = asyncio.create_task(world.dying.wait())
    await asyncio.wait({finished, died}, return_when=asyncio.FIRST_COMPLETED)
    if world.dying.is_set():
        await kill(worker)
        worker = make_worker(database, world, folder)
        await worker.start()
    died.cancel()
    await finished
    await worker.stop()
    return task


async def check_rows(database: Database, task: str, world: World) -> None:
    async with database.reading() as session:
        runs = (await session.execute(select(NodeRun).where(col(NodeRun.task_id) == task))).scalars().all()
        events = await entries_of(session, task, Entries())
        messages = (await session.execute(select(TaskMessage).where(col(TaskMessage.task_id) == task))).scalars().all()
    assert {run.node_id: (run.state, run.attempt) for run in runs} == {
        node["id"]: ("FINISHED", 1) for node in FLOW["nodes"]
    }
    assert len(runs) == len(FLOW["nodes"])
    assert set(world.effects) == {run.id for run in runs if run.node_id in {"quick", "polled", "called", "last"}}
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert Counter((event.node_id, str(event.data["state"])) for event in events).most_common(1)[0][1] == 1
    assert [(message.reason, message.settled_at is not None) for message in messages] == [(None, True)]
