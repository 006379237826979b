"""Tasks as a runtime would leave them, row by row."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from kernel.db.database import Database
from orchestrator.runtime.models import NodeRun, Task, TaskEvent
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node

AT = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
DEFINITION = flow_of(plugin_node("find", name="Find host"), plugin_node("df"))


async def created_task(house: OrchestratorHouse, by: str = "dev") -> str:
    """A task that nobody runs."""
    flow = await house.publish(DEFINITION)
    launched = await house.client.post(f"/flows/{flow}/tasks", json={}, headers=as_user(by))
    assert launched.status_code == 201, launched.text
    task: str = launched.json()["id"]
    return task


class Script:
    """Writes what happens to one task."""

    def __init__(self, database: Database, task_id: str) -> None:
        self._database = database
        self._task_id = task_id
        self.sequence = 0

    async def node(self, node_id: str, state: str, number: int, error: str | None = None) -> None:
        finished = AT if state in {"FINISHED", "FAILED", "SKIPPED"} else None
        run = NodeRun(
            id=f"{self._task_id}.{number}",
            task_id=self._task_id,
            node_id=node_id,
            number=number,
            attempt=1,
            state=state,
            error=error,
            started_at=AT,
            finished_at=finished,
        )
        view = {
            "node_id": node_id,
            "state": state,
            "attempt": 1,
            "started_at": "2026-01-02T03:04:06Z",
            "finished_at": "2026-01-02T03:04:06Z" if finished else None,
            "error": error,
        }
        async with self._database.unit_of_work() as session:
            await session.merge(run)
            await self._event(session, "node", node_id, view)

    async def task(self, state: str, outputs: dict[str, Any] | None = None) -> None:
        async with self._database.unit_of_work() as session:
            await session.execute(
                update(Task).where(col(Task.id) == self._task_id).values(state=state, outputs=outputs)
            )
            await self._event(session, "task", None, {"state": state})

    async def operation(self, name: str, actor: str) -> None:
        async with self._database.unit_of_work() as session:
            await self._event(session, "operation", None, {"operation": name, "actor": actor})

    async def _event(self, session: Any, kind: str, node_id: str | None, data: dict[str, Any]) -> None:
        self.sequence += 1
        session.add(
            TaskEvent(task_id=self._task_id, sequence=self.sequence, at=AT, kind=kind, node_id=node_id, data=data)
        )
        await session.execute(update(Task).where(col(Task.id) == self._task_id).values(sequence=self.sequence))
