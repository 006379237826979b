"""The flow engine where flows are large, where nodes wait, and where there is only one: on SQLite and PostgreSQL.

As in `engine`: nodes do nothing, `called` ones are durable before and after their invocation, and the process of the
worker is measured. `polls` are asked twice before they are done, `variables` hand 200 texts from node to node.
`one node` is the time from the wake-up to the durable end, in a worker that has just started and in one that has had
such tasks, `publish` that of the answer to a flow of 10,000 nodes.

`waiting`: 1,000 tasks with 100 nodes each that wait for an event, so 100,000 nodes; a process of its own, with a worker
and nothing else. Measured are its CPU while nothing happens, its memory, and the time from the events to the last end.
"""

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import uvloop
from sqlalchemy import func, insert
from sqlmodel import col, select

from benchmarks.engine import (
    DONE,
    MODES,
    Case,
    Figures,
    Mode,
    Nothing,
    count_statements,
    create,
    fan_out,
    linear,
    measure,
    working,
)
from benchmarks.support.engine_bases import Base, postgres_base, sqlite_base
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.through_gateway import INVENTORY, calling, serving
from kernel.clock import utc_now
from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.db.database import Database
from kernel.ids import new_id
from orchestrator.runtime.models import NodeRun, Task, TaskMessage
from trunkline.migrate import migrate

_TASKS, _NODES = 1_000, 100
_MOST_NODES = 9_998  # a flow has 10,000 at most, its start and end among them
_IDLE_SECONDS = 20.0


class Polls(Nothing):
    """Done when asked for the second time."""

    async def execute(self, call: PluginCall) -> PluginResult:  # noqa: ARG002 - the contract's signature
        return PluginResult(PluginState.POLL, storage={"asked": 0}, poll_after_seconds=0.0)

    async def poll(self, call: PluginCall) -> PluginResult:
        asked = call.storage["asked"] + 1
        return DONE if asked == 2 else PluginResult(PluginState.POLL, storage={"asked": asked}, poll_after_seconds=0.0)


class Echo(Nothing):
    async def execute(self, call: PluginCall) -> PluginResult:
        return PluginResult(PluginState.SUCCESS, outputs={"value": call.inputs["value"]})


CALLED, LOCAL = MODES
CASES = (
    (CALLED, Case("one node, the first", 1, 1, linear(1))),
    (CALLED, Case("one node", 1, 1, linear(1), warm=True)),
    (CALLED, Case("linear 1,000", 1, 1_000, linear(1_000))),
    (LOCAL, Case("linear 1,000", 1, 1_000, linear(1_000))),
    (LOCAL, Case("linear 10,000", 1, _MOST_NODES, linear(_MOST_NODES))),
    (Mode("called", Polls(), {}), Case("polls 50", 1, 50, fan_out(50))),
    (Mode("called", Echo(), {}), Case("variables 100", 1, 100, linear(100), ["x" * 40] * 200)),
)


@dataclass(frozen=True, slots=True)
class Waited:
    """Attributes:
    idle: share of a core, in per cent.
    memory: MiB, of the whole process.
    seconds, cpu: from the first event to the last durable end.
    """

    idle: float
    memory: float
    seconds: float
    cpu: float


async def measure_all(base: Base, rounds: int) -> dict[tuple[str, str], Figures]:
    database = Database(base.url)
    await migrate(database)
    found = {(mode.name, case.name): Figures() for mode, case in CASES}
    for mode, case in CASES:
        found[mode.name, case.name].statements = await count_statements(base, database, mode, case)
    for turn in range(rounds + 1):  # the first warms up
        for mode, case in CASES:
            figures = found[mode.name, case.name] if turn else Figures()
            await measure(base, database, mode, case, figures)
    await database.close()
    return found


def publish_seconds(folder: Path, url: str, rounds: int) -> list[float]:
    """A server's answers to new revisions of 10,000 nodes, no two the same."""
    took = []
    with serving(folder, url, {}) as stand:
        flow = stand.api.post("/projects/bench/flows", {"name": "large", "description": ""})["id"]
        for turn in range(rounds + 1):
            draft = stand.api.get(f"/flows/{flow}/draft")["draft_version"]
            definition = calling(linear(_MOST_NODES - turn), INVENTORY)
            stand.api.put(f"/flows/{flow}/draft", {"definition": definition, "draft_version": draft})
            began = time.perf_counter()
            stand.api.post(f"/flows/{flow}:publish", {"comment": ""})
            if turn:  # the first warms up
                took.append(time.perf_counter() - began)
    return took


def waiting(url: str) -> Waited:
    """Measured in a process that does nothing else: tables and tasks are made here."""
    names = uvloop.run(_made_tasks(url))
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_waiting, url, names).result()


async def _made_tasks(url: str) -> list[str]:
    database = Database(url)
    await migrate(database)
    nodes = [{"id": f"n{number}", "kind": "wait"} for number in range(_NODES)]
    drawn = fan_out(_NODES)
    ends = [node for node in drawn["nodes"] if node["kind"] != "plugin"]
    names = await create(database, Case("waiting", _TASKS, _TASKS * _NODES, drawn | {"nodes": [*ends, *nodes]}))
    await database.close()
    return names


def _waiting(url: str, names: Sequence[str]) -> Waited:
    return uvloop.run(_wait_and_go_on(Base("", url, None, lambda _count: None), names))


async def _wait_and_go_on(base: Base, names: Sequence[str]) -> Waited:
    database = Database(base.url)
    async with working(base, CALLED) as (worker, store):
        for name in names:
            worker.wake(name)
        await _until_all_wait(database, names)
        await asyncio.sleep(1.0)
        used, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(_IDLE_SECONDS)
        idle = 100 * (time.process_time() - used) / (time.perf_counter() - began)
        memory = _memory()
        store.done.clear()
        store.left = _TASKS
        used, began = time.process_time(), time.perf_counter()
        for name in names:
            await _send(database, name)
            worker.wake(name)
        await store.done.wait()
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
    await database.close()
    return Waited(idle, memory, seconds, cpu)


async def _until_all_wait(database: Database, names: Sequence[str]) -> None:
    """Every node waits, and nobody has a task any more."""
    waits = select(func.count()).select_from(NodeRun).where(col(NodeRun.state) == "WAITING_EVENT")
    owned = select(func.count()).select_from(Task).where(col(Task.lease_owner).is_not(None))
    while True:
        async with database.reading() as session:
            waiting_nodes = (await session.execute(waits)).scalar_one()
            owned_tasks = (await session.execute(owned)).scalar_one()
        if waiting_nodes == len(names) * _NODES and not owned_tasks:
            return
        await asyncio.sleep(0.5)


async def _send(database: Database, task: str) -> None:
    """An event for each node of a task, in one transaction."""
    common = {"task_id": task, "kind": "signal", "actor": "bench", "created_at": utc_now()}
    events = [{**common, "id": new_id(), "node_id": f"n{number}"} for number in range(_NODES)]
    async with database.unit_of_work() as session:
        await session.execute(insert(TaskMessage), events)


def _memory() -> float:
    """MiB that the process has in memory."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def report(base: Base, found: dict[tuple[str, str], Figures], options: Options) -> None:
    rows = []
    for (mode, case), figures in found.items():
        rate, cpu = Spread.of(figures.rates), Spread.of(figures.cpu)
        milliseconds = f"{1000 / rate.median:.3g}" if case.startswith("one node") else "-"
        counted = f"{Spread.of(figures.commits).median:.2f}", f"{figures.statements:.2f}"
        rows.append([mode, case, str(rate), str(cpu), *counted, milliseconds])
        label = f"{base.name}, {mode}, {case}"
        for metric, unit, ours in (("nodes per second", "1/s", rate.median), ("CPU per node", "ms", cpu.median)):
            append_line(
                options.json_file, bench="engine_large", case=label, metric=metric, unit=unit, ours=ours, peers={}
            )
    print(f"\n{base.name}")
    print_table(["nodes", "case", "nodes/s", "CPU ms/node", "commits/node", "SQL/node", "ms a task"], rows)


def report_one(base: Base, case: str, metric: str, unit: str, ours: float, options: Options) -> None:
    print(f"{base.name}, {case}: {metric} {ours:.3g} {unit}")
    label = f"{base.name}, {case}"
    append_line(options.json_file, bench="engine_large", case=label, metric=metric, unit=unit, ours=ours, peers={})


def main() -> None:
    options = parse_options(__doc__.split("\n")[0])
    rounds = 3 if options.quick else 9
    with tempfile.TemporaryDirectory(prefix="trunkline-engine-") as name:
        folder = Path(name)
        for base_of in (sqlite_base(folder), postgres_base()):
            with base_of as base:
                report(base, uvloop.run(measure_all(base, rounds)), options)
                published = statistics.median(publish_seconds(folder / base.name, base.url, 3))
                report_one(base, "publish 10,000 nodes", "answer", "s", published, options)
                waited = waiting(base.url)
                report_one(base, "100,000 waiting nodes", "idle CPU", "% of a core", waited.idle, options)
                report_one(base, "100,000 waiting nodes", "memory", "MiB", waited.memory, options)
                report_one(base, "100,000 waiting nodes", "all resumed", "s", waited.seconds, options)
                report_one(base, "100,000 waiting nodes", "CPU to resume all", "s", waited.cpu, options)


if __name__ == "__main__":
    main()
