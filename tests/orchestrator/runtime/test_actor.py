"""One task in the hands of its owner, without a database."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from kernel.contracts.plugin_invoker import PluginCall
from orchestrator.engine.effects import Invocation
from orchestrator.engine.events import PauseRequested, TaskStarted
from orchestrator.engine.model import State
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NotifyNode, PluginNode
from orchestrator.runtime.actor import LocalPlugin, TaskActor
from orchestrator.runtime.facts import TaskFacts
from orchestrator.runtime.store import TaskWrite
from tests.support.patience import until

ITEMS = 400


class Worker:
    """Keeps what it is to write."""

    def __init__(self) -> None:
        self.writes: list[TaskWrite] = []
        self.broken: list[Exception] = []

    def now(self) -> float:
        return 1.0

    def write(self, actor: TaskActor, write: TaskWrite) -> None:
        self.writes.append(write)

    def invoke(self, actor: TaskActor, invocation: Invocation) -> None:
        raise AssertionError("nothing here calls anything")

    def local(self, node: PluginNode | NotifyNode) -> LocalPlugin | None:
        return None

    def call_of(self, actor: TaskActor, invocation: Invocation) -> PluginCall:
        raise AssertionError("nothing here calls anything")

    def waiting_changed(self) -> None: ...

    def cancelling(self) -> None: ...

    def released(self, actor: TaskActor) -> None: ...

    def lost(self, actor: TaskActor) -> None: ...

    def broke(self, actor: TaskActor, error: Exception) -> None:
        self.broken.append(error)


def line(*nodes: dict[str, Any]) -> dict[str, Any]:
    drawn = [{"id": "start", "kind": "start"}, *nodes, {"id": "end", "kind": "end"}]
    edges = [
        {"id": f"e{number}", "source": one["id"], "target": other["id"]}
        for number, (one, other) in enumerate(pairwise(drawn))
    ]
    return {"nodes": drawn, "edges": edges}


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def begun(worker: Worker) -> Callable[[], TaskActor]:
    """A task that goes through a list, whose items call nothing."""

    def begin() -> TaskActor:
        inner = line({"id": "x", "kind": "expression", "values": {"n": "1 + 1"}})
        loop = {"id": "each", "kind": "map", "flow": "f", "revision": 1, "items": "${inputs.items}", "inputs": {}}
        graph = Graph(read_flow({**line(loop), "subflows": {"f@1": inner}}))
        task = SimpleNamespace(
            project_id="p", project_code="p", name="t", created_by="ann", inputs={"items": list(range(ITEMS))}
        )
        actor = TaskActor(worker, TaskFacts.of("t", task, frozenset()), graph, State("t"), 1)
        actor.begin([TaskStarted(1.0)], [])
        return actor

    return begin


async def test_a_loop_with_nothing_to_wait_for_leaves_others_their_turn(
    worker: Worker, begun: Callable[[], TaskActor]
) -> None:
    begun()
    turns = 0
    while not worker.writes:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 5
    assert worker.writes[0].state.status == "FINISHED"
    assert worker.broken == []


async def test_what_comes_meanwhile_is_taken_up_afterwards(worker: Worker, begun: Callable[[], TaskActor]) -> None:
    actor = begun()
    actor.post(PauseRequested(1.0, actor="ann", message="m1"))
    await until(lambda: len(worker.writes) == 1)
    assert not worker.writes[0].settled
    actor.committed()
    await until(lambda: len(worker.writes) == 2)
    assert [settled.message for settled in worker.writes[1].settled] == ["m1"]


async def test_a_task_that_was_lost_meanwhile_is_gone_through_no_further(
    worker: Worker, begun: Callable[[], TaskActor]
) -> None:
    begun().drop()
    for _ in range(100):
        await asyncio.sleep(0)
    assert worker.writes == []
