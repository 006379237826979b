"""A task in a database that is broken by hand, examined and mended."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.principal import system_principal
from orchestrator.doctor.examining import Examiner
from orchestrator.doctor.findings import Finding
from orchestrator.doctor.mending import Mender
from orchestrator.runtime.models import NodeRun, Task, TaskDefinition, TaskMessage
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.runtime import create_task, task_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FLOW = flow_of(plugin_node("a", timeout={"seconds": 60, "action": "fail"}), plugin_node("b"))
WHO = system_principal("doctor")


class Ward:
    """One task, as rows say it stands."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(NOW)
        self.woken: list[str] = []
        self.examiner = Examiner(database, self.clock, settle_seconds=0.0)
        self.rung = 0
        self.mender = Mender(self.examiner, self.clock, self.woken.append, self._ring)
        self.task = ""

    def _ring(self) -> None:
        self.rung += 1

    async def admit(self, state: str = "RUNNING", **given: Any) -> None:
        given = {"start_at": NOW, "counter": 9, "sequence": 9, **given}
        self.task = await create_task(self.database, FLOW, self.clock, state=state, **given)

    async def node(self, node: str = "a", state: str = "POLLING", number: int = 2, **given: Any) -> None:
        settings: dict[str, Any] = {"attempt": 1, "step": 1, "started_at": NOW, **given}
        async with self.database.unit_of_work() as session:
            name = f"{self.task}.{number}"
            session.add(NodeRun(id=name, task_id=self.task, node_id=node, number=number, state=state, **settings))

    async def change(self, **values: Any) -> None:
        async with self.database.unit_of_work() as session:
            await session.execute(update(Task).where(col(Task.id) == self.task).values(**values))

    async def findings(self) -> list[Finding]:
        return list((await self.examiner.examine()).findings)

    async def broken(self) -> list[tuple[str, str | None]]:
        return [(finding.invariant.value, finding.node_id) for finding in await self.findings()]

    async def mend(self) -> list[str]:
        """Names of what was mended; nothing of it is left."""
        found = await self.findings()
        async with self.database.unit_of_work() as session:
            mended = await self.mender.mend(session, WHO, found)
        return [finding.invariant.value for finding in mended]

    async def run(self, number: int = 2) -> NodeRun:
        async with self.database.reading() as session:
            run = await session.get(NodeRun, f"{self.task}.{number}")
        assert run is not None
        return run

    async def lose_definition(self) -> None:
        name = (await task_of(self.database, self.task)).definition_id
        async with self.database.unit_of_work() as session:
            await session.delete(await session.get(TaskDefinition, name))

    async def messages(self) -> list[TaskMessage]:
        async with self.database.reading() as session:
            return list((await session.execute(select(TaskMessage))).scalars())
