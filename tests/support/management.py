"""The management half of the gateway behind a real ASGI app, on each database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.unit import GatewayUnit
from kernel.audit.endpoints import router as audit_router
from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.contracts.standard_systems import StandardSystem
from kernel.http.middleware import RequestIdMiddleware
from kernel.http.problems import install_problem_handlers
from kernel.services import KernelServices
from tests.support.replaying import Beginning, Told, done_once
from tests.support.routes import mount

UPSTREAM = "http://127.0.0.1:9099/cmdb"


@dataclass(slots=True)
class Management:
    """The gateway with its first administrator, whose API token `client` sends."""

    unit: GatewayUnit
    kernel: KernelServices
    holder: SnapshotHolder
    clock: ManualClock
    app: FastAPI
    client: httpx.AsyncClient
    admin_token: str

    def anonymous(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gw.test")

    async def person(self, username: str) -> httpx.AsyncClient:
        """A signed-in person without any role, made by the administrator."""
        made = await self.client.post("/v1/users", json={"username": username, "password": f"password of {username}"})
        assert made.status_code == 201, made.text
        client = self.anonymous()
        opened = await client.post("/v1/session", json={"username": username, "password": f"password of {username}"})
        assert opened.status_code == 200, opened.text
        client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
        return client

    async def token_holder(self, username: str) -> httpx.AsyncClient:
        """As `person`, by an API token without end: for tests in which days pass."""
        made = await (await self.person(username)).post("/v1/api-tokens", json={"name": "test"})
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {made.json()['token']}"
        return client

    async def pass_time(self, **delta: float) -> None:
        """Time goes by, in which this process has told that it lives."""
        self.clock.advance(**delta)
        await self.unit._loader._heartbeat()

    async def reached(self, step: str, work: Callable[[], Awaitable[Told]]) -> Told:
        """What `work` tells, for a fixture that is the first to do anything: see `done_once`."""
        told = await done_once(self.kernel.database, Beginning.of(self.kernel, "prepare", step), work)
        await self.unit._loader.load()
        return told

    async def import_system(self, document: dict[str, Any], name: str = "cmdb", **more: Any) -> httpx.Response:
        body = {"document": document, "name": name, "upstream_url": UPSTREAM, **more}
        return await self.client.post("/v1/systems:import", json=body)

    async def app_with_secret(self, app_code: str) -> str:
        made = await self.client.post("/v1/apps", json={"app_code": app_code, "name": app_code})
        assert made.status_code == 201, made.text
        secret: str = made.json()["app_secret"]
        return secret

    async def granted(self, app_code: str, system: str, components: list[str] | None, days: int | None = 180) -> str:
        """Applies and approves; answers the id of the first grant."""
        body = {"app_code": app_code, "system": system, "components": components, "days": days}
        applied = await self.client.post("/v1/grants", json=body)
        assert applied.status_code == 201, applied.text
        for grant in applied.json()["items"]:
            decided = await self.client.post(f"/v1/grants/{grant['id']}:approve")
            assert decided.status_code == 200, decided.text
        first: str = applied.json()["items"][0]["id"]
        return first

    async def audit(self, resource_kind: str, resource_id: str) -> list[AuditRecord]:
        """What stands in the audit log about one thing, oldest first."""
        statement = (
            select(AuditRecord)
            .where(AuditRecord.resource_kind == resource_kind, AuditRecord.resource_id == resource_id)
            .order_by(AuditRecord.id)
        )
        async with self.kernel.database.reading() as session:
            return list((await session.execute(statement)).scalars())


@asynccontextmanager
async def managing(
    kernel: KernelServices, clock: ManualClock, standards: Iterable[StandardSystem] = ()
) -> AsyncIterator[Management]:
    """On a migrated, empty database."""
    holder = SnapshotHolder()
    unit = GatewayUnit(kernel, holder, standards)

    async def prepare() -> str:
        async with kernel.database.unit_of_work() as session:
            made = await unit.prepare(session)
        assert made is not None
        return made

    token = await done_once(kernel.database, Beginning.of(kernel, "prepare"), prepare)
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(RequestIdMiddleware)
    app.state.gateway = unit
    app.state.database = kernel.database
    app.state.authenticator = unit.authenticator
    app.state.authorizer = unit.authorizer
    mount(app, (*unit.routers, audit_router))
    mount(app, unit.root_routers, prefix="")
    await unit.start()
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gw.test", headers={"Authorization": f"Bearer {token}"}
    )
    yield Management(unit, kernel, holder, clock, app, client, token)
    await client.aclose()
    await unit.stop()


def document(**paths: Any) -> dict[str, Any]:
    """A small OpenAPI document with a read, a write and a path parameter."""
    usual: dict[str, Any] = {
        "/hosts": {
            "get": {"operationId": "list_hosts", "summary": "List hosts"},
            "post": {
                "operationId": "create_host",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Host"}}},
                },
            },
        },
        "/hosts/{host_id}": {"get": {"operationId": "get_host"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Inventory", "version": "1"},
        "paths": usual | paths,
        "components": {
            "schemas": {
                "Host": {"type": "object", "properties": {"ip": {"type": "string"}}, "required": ["ip"]},
            }
        },
    }
