from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.clock import ManualClock
from orchestrator.runtime.models import Task
from orchestrator.triggers.models import InventoryFeed
from orchestrator.triggers.watching.feed import Feed
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FLOW = flow_of(
    plugin_node("find", "find"),
    form={
        "schema": {
            "type": "object",
            "properties": {"host": {"type": "integer"}, "why": {"type": "string"}},
            "additionalProperties": False,
        }
    },
)
ON_HOSTS = {
    "kind": "inventory",
    "name": "new hosts",
    "resource": "host",
    "event_types": ["create"],
    "condition": "event.detail.bk_cloud_id == 0",
    "mapping": {"host": "${event.detail.bk_host_id}", "why": "${event.type} ${event.id}"},
}
HOOK = {"kind": "webhook", "name": "alarms", "mapping": {"why": "${payload.alarm}"}}


def happened(cursor: int, event_type: str = "create", cloud: int = 0) -> dict[str, Any]:
    detail = {"bk_host_id": cursor * 10, "bk_cloud_id": cloud} if event_type else None
    return {"bk_cursor": str(cursor), "bk_resource": "host", "bk_event_type": event_type, "bk_detail": detail}


def answer(*events: dict[str, Any]) -> dict[str, Any]:
    return {"bk_watched": True, "bk_events": list(events)}


@dataclass(slots=True)
class Tripwire:
    """A house at rest with a published flow, whose inventory answers what a test says."""

    house: OrchestratorHouse
    clock: ManualClock
    flow: str

    async def make(self, body: dict[str, Any], by: str = "dev") -> dict[str, Any]:
        """The trigger, with its `secret`."""
        made = await self.house.client.post(f"/flows/{self.flow}/triggers", json=body, headers=as_user(by))
        assert made.status_code == 201, made.text
        view: dict[str, Any] = made.json()
        return {**view["trigger"], "secret": view["secret"]}

    async def look(self, *answers: Any, watcher: str = "1" * 32) -> bool:
        """One look of one process; the inventory gives the first answer."""
        self.house.components.answers.extend(answers)
        return await self.house.unit.automatic.feeds.look(Feed(PROJECT.id, "host", watcher))

    async def tasks(self) -> list[Task]:
        async with self.house.database.reading() as session:
            return list((await session.execute(select(Task).order_by(col(Task.id)))).scalars())

    async def feeds(self) -> list[tuple[str, str]]:
        async with self.house.database.reading() as session:
            return [(feed.cursor, feed.problem) for feed in (await session.execute(select(InventoryFeed))).scalars()]

    async def seen(self, trigger: str) -> dict[str, Any]:
        view: dict[str, Any] = (await self.house.client.get(f"/triggers/{trigger}")).json()
        return view


@pytest.fixture
async def tripwire(house: OrchestratorHouse, clock: ManualClock) -> Tripwire:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    return Tripwire(house, clock, await house.publish(FLOW))
