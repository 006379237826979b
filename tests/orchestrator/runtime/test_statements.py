"""What a node costs the database: a bound on SQL statements that no change may quietly exceed."""

from pathlib import Path

import pytest

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.db.database import Database
from orchestrator.runtime.pace import Pace
from tests.support.counted_statements import Statements
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.runtime import Uncancelled, create_task, make_worker, until_state

NODES = 20
NAMES = [f"n{number}" for number in range(NODES)]
CHAIN = flow_of(*map(plugin_node, NAMES))
FAN_OUT = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "fork", "kind": "parallel"},
        *map(plugin_node, NAMES),
        {"id": "meet", "kind": "join"},
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": f"{source}-{target}", "source": source, "target": target}
        for source, target in (
            ("start", "fork"),
            *(("fork", name) for name in NAMES),
            *((name, "meet") for name in NAMES),
            ("meet", "end"),
        )
    ],
}
STILL = Pace(sweep=3600.0, orphans=3600.0, beat=3600.0, lease=7200.0)
"""Nothing looks for work while it is counted."""
BESIDES = 15
"""What a task takes once, whatever its length: it is claimed, its definition and messages are read, looks begin."""


class Done(Uncancelled):
    async def execute(self, call: PluginCall) -> PluginResult:
        return PluginResult(PluginState.SUCCESS, outputs={"value": 1})

    poll = execute

    async def callback(self, call: PluginCall, data: object) -> PluginResult:
        raise AssertionError(f"{call.plugin} expects no callback, got {data}")


@pytest.mark.parametrize("flow", [CHAIN, FAN_OUT])
async def test_a_node_takes_one_statement(database: Database, tmp_path: Path, flow: dict[str, object]) -> None:
    worker = make_worker(database, Done(), tmp_path, pace=STILL)
    await worker.start()
    statements = Statements(worker._store)
    task = await create_task(database, flow)
    worker.wake(task)
    await until_state(database, task, "FINISHED")
    counted = statements.count
    await worker.stop()
    assert NODES / 10 < counted <= NODES + BESIDES
