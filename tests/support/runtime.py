"""Tasks in a database, and workers that can be killed."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kernel.clock import Clock, SystemClock
from kernel.contracts.plugin_invoker import CancelResult, CancelState, PluginCall, PluginInvoker
from kernel.db.database import Database
from kernel.ids import new_id
from orchestrator.runtime.actor import LocalPlugin
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.graphs import definition_id
from orchestrator.runtime.models import Task, TaskDefinition, TaskMessage
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.runtime.store import Store
from orchestrator.runtime.worker import Worker
from tests.support.patience import until

TOKENS = CallbackTokens([b"a key of tests"])


async def create_task(database: Database, document: dict[str, Any], clock: Clock | None = None, **given: Any) -> str:
    """A task that may begin at once."""
    now = (clock or SystemClock()).now()
    settings: dict[str, Any] = {
        "project_id": "0" * 32,
        "project_code": "shop",
        "flow_id": "f" * 32,
        "flow_name": "Flow",
        "revision": 1,
        "definition_id": definition_id(document),
        "name": "Task",
        "inputs": {},
        "scopes": ["cmdb:read"],
        "created_by": "ann",
        "created_at": now,
        "start_at": now,
    }
    async with database.unit_of_work() as session:
        if await session.get(TaskDefinition, settings["definition_id"]) is None:
            session.add(TaskDefinition(id=settings["definition_id"], document=document))
            await session.flush()
        task = Task(**(settings | given))
        session.add(task)
        return task.id


async def send(database: Database, task_id: str, kind: str, **given: Any) -> str:
    """A stored message for a task's owner; answers its id."""
    async with database.unit_of_work() as session:
        message = TaskMessage(id=new_id(), task_id=task_id, kind=kind, created_at=SystemClock().now(), **given)
        session.add(message)
        return message.id


class Uncancelled:
    """Of plugins that have no way to be told that a run is wanted no more."""

    async def cancel(self, call: PluginCall) -> CancelResult:
        return CancelResult(CancelState.NOT_OFFERED, reason=f"{call.plugin} has none")


QUICK = Pace(sweep=0.05, beat=0.05, orphans=0.1, busy=0.02, unavailable_first=0.01, unavailable_longest=0.05, avoid=0.1)
"""A worker in a hurry, so that no test waits for its nets."""


def make_worker(
    database: Database,
    invoker: PluginInvoker,
    folder: Path | None,
    store: Store | None = None,
    pace: Pace = QUICK,
    local_plugins: Mapping[str, LocalPlugin] | None = None,
    on_cancelling: Callable[[], None] | None = None,
    rights: CallRights | None = None,
) -> Worker:
    return Worker(
        store or open_store(database.url),
        invoker,
        TOKENS,
        SystemClock(),
        callbacks_url="http://trunkline/v1/callbacks",
        lock_folder=folder,
        on_committed=lambda _task: None,
        local_plugins=local_plugins,
        on_cancelling=on_cancelling,
        rights=rights,
        pace=pace,
    )


async def kill(worker: Worker) -> None:
    """As SIGKILL leaves a process: nothing is given back, only its file lock is gone."""
    loops = (worker._sweeps, worker._orphans, worker._presence._beats, worker._claims, worker._writer)
    tasks = [task for loop in loops if (task := loop._task) is not None] + list(worker._calls._running)
    worker._calls._stopped = True
    for actor in worker._actors.values():
        actor.drop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for timer in (*worker._timers.values(), *worker._claims._avoided.values(), *worker._calls._pauses):
        timer.cancel()
    descriptor = worker._presence._sign._descriptor
    if descriptor is not None:
        os.close(descriptor)
        worker._presence._sign._descriptor = None
    await worker._store.close()


async def task_of(database: Database, task_id: str) -> Task:
    async with database.reading() as session:
        task = await session.get(Task, task_id)
        assert task is not None
        return task


async def until_state(database: Database, task_id: str, state: str) -> Task:
    async def reached() -> bool:
        return (await task_of(database, task_id)).state == state

    await until(reached)
    return await task_of(database, task_id)
