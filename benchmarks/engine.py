"""Nodes per second and CPU per node of the flow engine with its durable store, on SQLite and PostgreSQL.

Nodes do nothing: `called` ones are invoked like any plugin, so that each start is durable before the invocation and
each end before the next node begins; `local` ones run inside the engine, many to a commit, as nodes that touch nothing
outside may. Tasks are created beforehand; measured is from the first wake-up to the last durable end. CPU is that of
the worker's process, all threads; PostgreSQL's own is shown beside it. SQL statements are counted in a round of their
own, BEGIN and COMMIT aside, one for many rows as one. The floor commits one small row after the other
to the same database by the same driver: what a durable step costs when nothing is done in it.

`outside` and `inventory` nodes call a component through the gateway: of a system in another process that answers at
once, and of the embedded inventory, which searches its database. A whole server process is measured there, from the
first task's launch to the last one's end: management API, engine, data plane, and for the latter the inventory too.
What the launches took is measured again by themselves, and shown apart.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.support.engine_bases import Base, postgres_base, sqlite_base
from benchmarks.support.processes import cpu_seconds
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.through_gateway import INVENTORY, OUTSIDE, calling, serving
from kernel.clock import SystemClock, utc_now
from kernel.contracts.plugin_invoker import (
    CancelResult,
    CancelState,
    PluginCall,
    PluginInvoker,
    PluginResult,
    PluginState,
)
from kernel.db.database import Database
from kernel.ids import new_id
from orchestrator.engine.states import ENDED
from orchestrator.runtime.actor import LocalPlugin
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.graphs import definition_id
from orchestrator.runtime.models import Task, TaskDefinition
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.postgres_store import PostgresStore
from orchestrator.runtime.sqlite_store import SqliteStore
from orchestrator.runtime.store import TaskWrite
from orchestrator.runtime.worker import Worker
from tests.support.counted_statements import Statements
from trunkline.migrate import migrate

DONE = PluginResult(PluginState.SUCCESS, outputs={"value": 1})
BAMBOO = {"linear 100": (107.0, 4.8), "20 x 20": (256.0, 5.1), "fan-out 50": (110.0, 8.6)}
"""bamboo-engine 3.0.7 on a machine of the same kind: its best nodes per second, its least worker CPU ms per node."""

_WARM_UP = 5
BAMBOO_STATEMENTS = 17.0
"""Of bamboo-engine's worker for each node."""


class Nothing:
    """A plugin whose way costs nothing."""

    async def execute(self, call: PluginCall) -> PluginResult:  # noqa: ARG002 - the contract's signature
        return DONE

    poll = execute

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:  # noqa: ARG002 - the contract's signature
        return DONE

    async def cancel(self, call: PluginCall) -> CancelResult:  # noqa: ARG002 - the contract's signature
        return CancelResult(CancelState.NOT_OFFERED)


@dataclass(frozen=True)
class Mode:
    name: str
    invoker: PluginInvoker
    local: Mapping[str, LocalPlugin]


MODES = (Mode("called", Nothing(), {}), Mode("local", Nothing(), {"noop": lambda _call: DONE}))


@dataclass(frozen=True)
class Case:
    """Attributes:
    warm: measured is a worker that has carried such tasks out before, so that it has its connections and statements.
    """

    name: str
    tasks: int
    nodes: int
    document: dict[str, Any]
    value: Any = 1
    warm: bool = False


def _plugin(name: str, before: str | None) -> dict[str, Any]:
    inputs = {"value": f"${{nodes.{before}.outputs.value}}" if before else "${inputs.value}"}
    return {"id": name, "kind": "plugin", "plugin": "noop", "version": "1.0.0", "inputs": inputs}


def _edges(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"id": f"e{number}", "source": a, "target": b} for number, (a, b) in enumerate(pairs)]


def linear(count: int) -> dict[str, Any]:
    names = [f"n{number}" for number in range(count)]
    way = ["start", *names, "end"]
    plugins = [_plugin(name, names[number - 1] if number else None) for number, name in enumerate(names)]
    ends = [{"id": "start", "kind": "start"}, {"id": "end", "kind": "end"}]
    return {"nodes": [*ends, *plugins], "edges": _edges(list(pairwise(way)))}


def fan_out(count: int) -> dict[str, Any]:
    names = [f"n{number}" for number in range(count)]
    ends = [
        {"id": name, "kind": kind}
        for name, kind in (("start", "start"), ("fork", "parallel"), ("meet", "join"), ("end", "end"))
    ]
    pairs = [("start", "fork"), *(("fork", name) for name in names), *((name, "meet") for name in names)]
    return {"nodes": [*ends, *(_plugin(name, None) for name in names)], "edges": _edges([*pairs, ("meet", "end")])}


CASES = (
    Case("linear 100", 1, 100, linear(100)),
    Case("20 x 20", 20, 400, linear(20)),
    Case("fan-out 50", 1, 50, fan_out(50)),
)
LONG = (Case("linear 1000", 1, 1000, linear(1000)), Case("20 x 200", 20, 4000, linear(200)))
"""Through the gateway only: so many nodes share a launch, and the looks at their task, that their own cost shows."""
THROUGH_GATEWAY = {"outside": (OUTSIDE, (*CASES, *LONG)), "inventory": (INVENTORY, CASES)}
"""By mode: the plugin that is called, and in which flows."""


class Watched:
    """A store that counts commits and tells when the expected number of tasks has ended."""

    def __init__(self, store: SqliteStore | PostgresStore) -> None:
        self._store = store
        self.commits = 0
        self.left = 0
        self.done = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def counted(self) -> Statements:
        """The statements from now on."""
        return Statements(self._store)

    async def carry_out(self, worker: Worker, names: Sequence[str]) -> None:
        """From the first wake-up to the last durable end."""
        self.done.clear()
        self.left, self.commits = len(names), 0
        for name in names:
            worker.wake(name)
        await self.done.wait()

    async def commit(self, writes: Sequence[TaskWrite], now: Any) -> frozenset[str]:
        owned = await self._store.commit(writes, now)
        self.commits += 1
        self.left -= sum(write.state.status in ENDED and not write.state.live for write in writes)
        if self.left <= 0:
            self.done.set()
        return owned


@dataclass
class Figures:
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    with_launch: list[float] = field(default_factory=list)
    launch: list[float] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)
    statements: float = 0.0
    floor: list[float] = field(default_factory=list)


async def create(database: Database, case: Case) -> list[str]:
    names = []
    async with database.unit_of_work() as session:
        name = definition_id(case.document)
        if await session.get(TaskDefinition, name) is None:
            session.add(TaskDefinition(id=name, document=case.document))
            await session.flush()
        for _ in range(case.tasks):
            now = utc_now()
            task = Task(
                id=new_id(),
                project_id="0" * 32,
                project_code="bench",
                flow_id="0" * 32,
                flow_name=case.name,
                revision=1,
                definition_id=name,
                name=case.name,
                inputs={"value": case.value},
                scopes=[],
                created_by="bench",
                created_at=now,
                start_at=now,
            )
            session.add(task)
            names.append(task.id)
    return names


@asynccontextmanager
async def working(base: Base, mode: Mode) -> AsyncIterator[tuple[Worker, Watched]]:
    store = Watched(open_store(base.url))
    worker = Worker(
        store,  # what it does not define itself it hands on
        mode.invoker,
        CallbackTokens([b"bench"]),
        SystemClock(),
        callbacks_url="http://127.0.0.1/v1/callbacks",
        lock_folder=None,
        on_committed=lambda _task: None,
        local_plugins=mode.local,
    )
    await worker.start()
    try:
        yield worker, store
    finally:
        await worker.stop()


async def measure(base: Base, database: Database, mode: Mode, case: Case, figures: Figures) -> None:
    async with working(base, mode) as (worker, store):
        await asyncio.sleep(0.05)
        for _ in range(_WARM_UP if case.warm else 0):
            await store.carry_out(worker, await create(database, case))
        names = await create(database, case)
        server = cpu_seconds(base.server_pid) if base.server_pid else 0.0
        cpu, began = time.process_time(), time.perf_counter()
        await store.carry_out(worker, names)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        served = cpu_seconds(base.server_pid) - server if base.server_pid else 0.0
    figures.rates.append(case.nodes / seconds)
    figures.cpu.append(used * 1000 / case.nodes)
    figures.server_cpu.append(served * 1000 / case.nodes)
    figures.commits.append(store.commits / case.nodes)


async def count_statements(base: Base, database: Database, mode: Mode, case: Case) -> float:
    """SQL statements per node."""
    async with working(base, mode) as (worker, store):
        names = await create(database, case)
        statements = store.counted()
        await store.carry_out(worker, names)
        return statements.count / case.nodes


async def measure_base(base: Base, rounds: int) -> dict[tuple[str, str], Figures]:
    found = {(mode.name, case.name): Figures() for mode in MODES for case in CASES}
    database = Database(base.url)
    await migrate(database)
    for mode in MODES:
        for case in CASES:
            found[mode.name, case.name].statements = await count_statements(base, database, mode, case)
    for turn in range(rounds + 1):  # the first warms up
        for mode in MODES:
            for case in CASES:
                figures = found[mode.name, case.name] if turn else Figures()
                await measure(base, database, mode, case, figures)
                began = time.perf_counter()
                floor = base.floor(case.nodes)
                if asyncio.iscoroutine(floor):
                    await floor
                figures.floor.append(case.nodes / (time.perf_counter() - began))
    await database.close()
    return found


def measure_gateway(base: Base, folder: Path, rounds: int) -> dict[tuple[str, str], Figures]:
    """Nodes that call a component; the floor is measured beside the others."""
    ways = [(mode, case, plugin) for mode, (plugin, cases) in THROUGH_GATEWAY.items() for case in cases]
    found = {(mode, case.name): Figures() for mode, case, _ in ways}
    documents = {f"{mode} {case.name}": calling(case.document, plugin) for mode, case, plugin in ways}
    with serving(folder / base.name, base.url, documents) as stand:
        for turn in range(rounds + 1):  # the first warms up
            for mode, case, _ in ways:
                server = cpu_seconds(base.server_pid) if base.server_pid else 0.0
                measured = stand.measure(f"{mode} {case.name}", case.tasks)
                served = cpu_seconds(base.server_pid) - server if base.server_pid else 0.0
                if turn:
                    figures = found[mode, case.name]
                    figures.rates.append(case.nodes / measured.seconds)
                    figures.cpu.append((measured.cpu - measured.launching) * 1000 / case.nodes)
                    figures.with_launch.append(measured.cpu * 1000 / case.nodes)
                    figures.launch.append(measured.launching * 1000 / case.tasks)
                    figures.server_cpu.append(served * 1000 / case.nodes)
    return found


def report(base: Base, found: dict[tuple[str, str], Figures], options: Options) -> None:
    rows = []
    for (mode, case), figures in found.items():
        rate, cpu = Spread.of(figures.rates), Spread.of(figures.cpu)
        # A backend of PostgreSQL's that ended meanwhile takes its count along: such a round says nothing of it.
        served = [each for each in figures.server_cpu if each > 0]
        server = f"{Spread.of(served).median:.3f}" if len(served) > 1 else "-"
        commits = f"{Spread.of(figures.commits).median:.2f}" if figures.commits else "-"
        floor = f"{Spread.of(figures.floor).median:.0f}" if figures.floor else "-"
        statements = f"{figures.statements:.2f}" if figures.statements else "-"
        launched = [str(Spread.of(each)) if each else "-" for each in (figures.with_launch, figures.launch)]
        rows.append([mode, case, str(rate), str(cpu), *launched, server, commits, statements, floor])
        if mode in THROUGH_GATEWAY:
            continue
        label = f"{base.name}, {mode}, {case}"
        peers = {"commit-only floor": Spread.of(figures.floor).median, "bamboo-engine (reference)": BAMBOO[case][0]}
        append_line(
            options.json_file,
            bench="engine",
            case=label,
            metric="nodes per second",
            unit="1/s",
            ours=rate.median,
            peers=peers,
        )
        append_line(
            options.json_file,
            bench="engine",
            case=label,
            metric="CPU per node",
            unit="ms",
            ours=cpu.median,
            peers={"bamboo-engine (reference)": BAMBOO[case][1]},
        )
        if figures.statements:
            append_line(
                options.json_file,
                bench="engine",
                case=label,
                metric="SQL statements per node",
                unit="1",
                ours=figures.statements,
                peers={"bamboo-engine (reference)": BAMBOO_STATEMENTS},
            )
    print(f"\n{base.name}")
    head = [
        "nodes",
        "case",
        "nodes/s",
        "CPU ms/node",
        "with launches",
        "CPU ms/launch",
        "database ms/node",
        "commits/node",
        "SQL/node",
        "floor commits/s",
    ]
    print_table(head, rows)


def main() -> None:
    options = parse_options(__doc__.split("\n")[0])
    rounds = 4 if options.quick else 15
    through_gateway = max(3, rounds // 3)
    with tempfile.TemporaryDirectory(prefix="trunkline-engine-") as name:
        folder = Path(name)
        for base_of in (sqlite_base(folder), postgres_base()):
            with base_of as base:
                found = uvloop.run(measure_base(base, rounds))
                report(base, found | measure_gateway(base, folder, through_gateway), options)


if __name__ == "__main__":
    main()
