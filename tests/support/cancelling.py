"""Plugins that are told that node runs are wanted no more, and whoever tells them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from kernel.clock import Clock, SystemClock, utc_now
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
from kernel.ids import new_id
from orchestrator.cancelling.canceller import Canceller
from orchestrator.cancelling.owner import Owner
from orchestrator.cancelling.pace import CancelPace
from orchestrator.flow.executors import ConsentMissing, Standing
from orchestrator.runtime.models import NodeCancellation, NodeRun, RuntimeWorker
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.runtime.store import Cancellation, TaskWrite
from orchestrator.runtime.worker import Worker
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import until
from tests.support.runtime import create_task, make_worker, send

QUICK = CancelPace(look=0.02, first=0.01, longest=0.02, least=1)
NODE = flow_of(plugin_node("a", inputs={"host": "h"}))
TOLD = CancelResult(CancelState.CANCELLED, calls=(CallRecord("job.stop", 200, "r", "k"),), log=("stopped",))


@dataclass
class Plugins:
    """One that is polled for ever once it was executed.

    Attributes:
        release: what its first answer waits for.
        away: it can't be reached.
        answers: to being cancelled, in their order; the last one again and again. `TOLD` once an event has come.
        most: cancels under way at once.
    """

    calls: list[PluginCall] = field(default_factory=list)
    cancels: list[PluginCall] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False
    answers: list[CancelResult | Exception | asyncio.Event] = field(default_factory=lambda: [TOLD])
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
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self._answered(answer)
        finally:
            self.under_way -= 1

    def told(self, times: int) -> Callable[[], Awaitable[bool]]:
        async def enough() -> bool:
            return len(self.cancels) >= times

        return enough

    async def _answered(self, answer: CancelResult | Exception | asyncio.Event) -> CancelResult:
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return TOLD
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Consents:
    """Of everybody, until they are withdrawn."""

    withdrawn: bool = False

    async def scopes(self, _project_id: str, _task_id: str, username: str, _inner: Standing | None) -> frozenset[str]:
        if self.withdrawn:
            raise ConsentMissing(f"{username} has withdrawn the consent")
        return frozenset({"cmdb:read"})


@dataclass
class Process:
    """One that is seen to live until then."""

    alive_until: datetime
    id: str = field(default_factory=new_id)


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

    async def process(self, seconds: float = 3600) -> Process:
        """One that others see living for so long."""
        made = Process(utc_now() + timedelta(seconds=seconds))
        async with self.database.unit_of_work() as session:
            row = {"host": "h", "lock_file": "", "started_at": utc_now(), "alive_until": made.alive_until}
            session.add(RuntimeWorker(id=made.id, **row))
        return made

    async def end(self, process: Process) -> None:
        """As it ends, or somebody on its machine sees that it did."""
        async with self.database.unit_of_work() as session:
            await session.execute(delete(RuntimeWorker).where(col(RuntimeWorker.id) == process.id))

    @asynccontextmanager
    async def canceller(
        self, pace: CancelPace = QUICK, clock: Clock | None = None, process: Owner | None = None
    ) -> AsyncIterator[Canceller]:
        made = Canceller(self.database, clock or SystemClock(), self.plugins, self.rights, lambda _task: None, pace)
        made.start(process or await self.process())
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

    async def asked(self, project: str = "a" * 32, *, at: datetime | None = None, document: Any = NODE) -> str:
        """A task of the project whose node was ended before its plugin; the node run's id."""
        since = at or utc_now()
        task = await create_task(self.database, document, project_id=project, state="FAILED")
        run = f"{task}.2"
        of_task: dict[str, Any] = {"task_id": task, "node_id": "a", "storage": {"job": 7}}
        async with self.database.unit_of_work() as session:
            session.add(NodeRun(id=run, number=2, attempt=1, state="FAILED", step=1, started_at=since, **of_task))
            session.add(NodeCancellation(run_id=run, state="waiting", asked_at=since, due_at=since, **of_task))
        return run

    async def learnt(self, run: str, storage: dict[str, Any]) -> None:
        """As the runtime writes it when an answer says more of a node run."""
        task_id, now = run.partition(".")[0], utc_now().timestamp()
        store = open_store(self.database.url)
        await store.open()
        try:
            (claimed,) = await store.claim("one", [task_id], {}, utc_now())
            assert claimed.state is not None
            more = Cancellation(run, "a", now, now, storage)
            write = TaskWrite(claimed.fence, claimed.state, [], cancellations=[more])
            assert await store.commit([write], utc_now()) == {task_id}
        finally:
            await store.close()

    async def row_of(self, run: str) -> NodeCancellation:
        async with self.database.reading() as session:
            row = await session.get(NodeCancellation, run)
        assert row is not None
        return row

    def settled(self, run: str, state: str = "cancelled") -> Callable[[], Awaitable[bool]]:
        async def reached() -> bool:
            async with self.database.reading() as session:
                row = await session.get(NodeCancellation, run)
            return row is not None and row.state == state

        return reached
