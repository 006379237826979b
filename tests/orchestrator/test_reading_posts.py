"""Endpoints that only read, though they are asked by POST: with SQLite's one writer they wait for nobody."""

import asyncio
from typing import Any

import pytest

from kernel.audit.log import record
from kernel.principal import system_principal
from tests.support.orchestrator import OrchestratorHouse, flow_of
from tests.support.patience import PATIENCE_SECONDS


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tasks:status", {"tasks": ["0" * 32]}),
        ("/flows/{flow}:validate", {}),
        ("/flows/{flow}:preview", {}),
        ("/flows/{flow}/draft:compare", {"definition": flow_of()}),
        ("/schedules:preview", {"cron": "0 9 * * *", "time_zone": "UTC"}),
    ],
)
async def test_it_is_answered_while_somebody_writes(house: OrchestratorHouse, path: str, body: dict[str, Any]) -> None:
    flow = await house.publish(flow_of())
    async with house.database.unit_of_work() as session:
        record(session, system_principal("test"), "thing.made", "thing", "1")
        await session.flush()
        asking = house.client.post(path.format(flow=flow), json=body)
        answer = await asyncio.wait_for(asking, PATIENCE_SECONDS)
    assert answer.status_code == 200, answer.text
