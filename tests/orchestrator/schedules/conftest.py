from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.clock import ManualClock
from orchestrator.runtime.models import Task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FLOW = flow_of(
    plugin_node("find", "find"),
    form={"schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}},
)
EVERY_HOUR = {"name": "hourly", "cron": "0 * * * *"}


@dataclass(slots=True)
class Automat:
    """A house at rest, whose schedules are fired when a test says so.

    Attributes:
        flow: published, launchable by `dev`.
    """

    house: OrchestratorHouse
    clock: ManualClock
    flow: str

    async def make(self, by: str = "dev", **body: Any) -> dict[str, Any]:
        made = await self.house.client.post(
            f"/flows/{self.flow}/schedules", json={**EVERY_HOUR, **body}, headers=as_user(by)
        )
        assert made.status_code == 201, made.text
        view: dict[str, Any] = made.json()
        return view

    async def fire(self) -> float:
        return await self.house.unit.automatic.firing.fire_due()

    async def look(self, schedule: str) -> dict[str, Any]:
        view: dict[str, Any] = (await self.house.client.get(f"/schedules/{schedule}")).json()
        return view

    async def runs(self, schedule: str) -> list[tuple[str, str]]:
        """(hour it was due, outcome), the oldest first."""
        items = (await self.house.client.get(f"/schedules/{schedule}/runs")).json()["items"]
        return [(run["due_at"][11:16], run["outcome"]) for run in reversed(items)]

    async def tasks(self) -> list[Task]:
        async with self.house.database.reading() as session:
            return list((await session.execute(select(Task).order_by(col(Task.id)))).scalars())

    async def set_state(self, task_id: str, state: str) -> None:
        async with self.house.database.unit_of_work() as session:
            task = await session.get(Task, task_id)
            assert task is not None
            task.state = state


@pytest.fixture
async def automat(house: OrchestratorHouse, clock: ManualClock) -> Automat:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    return Automat(house, clock, await house.publish(FLOW))
