"""What goes into one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from kernel.clock import SystemClock
from orchestrator.engine.model import Run, State
from orchestrator.engine.states import NodeState
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.store import Store, TaskWrite
from orchestrator.runtime.writer import Writer


class Noting:
    """Notes how many node runs the tasks of each transaction have."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        self.batches.append([len(write.runs) for write in writes])
        return frozenset(write.state.task_id for write in writes)


async def _batches(*sizes: int) -> list[list[int]]:
    """How tasks with so many node runs each are written."""
    store, over = Noting(), asyncio.Event()
    writer = Writer(cast("Store", store), SystemClock(), lambda _task: None, 0.0)
    for number, size in enumerate(sizes):
        task = f"t{number}"
        runs = [Run(f"{task}.{n}", f"n{n}", 1, NodeState.RUNNING, None, 1.0) for n in range(size)]
        committed: Any = over.set if number == len(sizes) - 1 else lambda: None
        actor = SimpleNamespace(facts=SimpleNamespace(id=task), committed=committed)
        writer.put(cast("TaskActor", actor), TaskWrite(1, State(task), runs))
    writer.start()
    await over.wait()
    await writer.stop()
    return store.batches


async def test_many_small_tasks_are_written_together_and_large_ones_apart() -> None:
    assert await _batches(*[2] * 40) == [[2] * 40]
    assert await _batches(900, 900, 900, 5, 3000, 1) == [[900, 900], [900, 5], [3000], [1]]
