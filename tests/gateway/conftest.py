"""The management half of the gateway, running, on each database."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.unit import GatewayUnit
from kernel.clock import ManualClock
from kernel.http.middleware import RequestIdMiddleware
from kernel.http.problems import install_problem_handlers
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.management import Management


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": ("http://127.0.0.1:9099",)})


@pytest.fixture
async def management(kernel: KernelServices, clock: ManualClock) -> AsyncIterator[Management]:
    holder = SnapshotHolder()
    unit = GatewayUnit(kernel, holder)
    async with kernel.database.unit_of_work() as session:
        token = await unit.prepare(session)
    assert token is not None
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(RequestIdMiddleware)
    app.state.gateway = unit
    app.state.database = kernel.database
    app.state.authenticator = unit.authenticator
    app.include_router(unit.router, prefix="/v1")
    app.include_router(unit.root_router)
    await unit.start()
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gw.test", headers={"Authorization": f"Bearer {token}"}
    )
    yield Management(unit, kernel, holder, clock, app, client, token)
    await client.aclose()
    await unit.stop()
