from collections.abc import AsyncIterator
from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.agents import Agents, serving
from tests.support.server import free_port

INVENTORY: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Inventory", "version": "1"},
    "paths": {
        "/hosts": {
            "get": {
                "operationId": "list_hosts",
                "summary": "List hosts",
                "description": "Hosts, page by page",
                "parameters": [
                    {"name": "page", "in": "query", "schema": {"type": "integer"}, "description": "From 1"},
                    {"name": "label", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "X-Region", "in": "header", "schema": {"type": "string"}},
                ],
            },
            "post": {
                "operationId": "create_host",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Host"}}},
                },
            },
        },
        "/hosts/{host_id}": {
            "get": {
                "operationId": "get_host",
                "parameters": [{"name": "host_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "found",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Found"}}},
                    }
                },
            },
            "delete": {
                "operationId": "delete_host",
                "parameters": [{"name": "host_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            },
        },
        "/picture": {"get": {"operationId": "draw_rack"}},
    },
    "components": {
        "schemas": {
            "Host": {
                "type": "object",
                "properties": {"ip": {"type": "string"}, "parent": {"$ref": "#/components/schemas/Host"}},
                "required": ["ip"],
            },
            "Found": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}},
                "required": ["id"],
            },
        }
    },
}
TOOLS = ["list_hosts", "create_host", "get_host", "delete_host", "draw_rack"]
PATH = "/mcp/hosts"
OWN = tuple(f"cmdb.{name}" for name in TOOLS)


@pytest.fixture(scope="session")
def port() -> int:
    return free_port()


@pytest.fixture
def settings(settings: Settings, port: int) -> Settings:
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})


@pytest.fixture
async def agents(kernel: KernelServices, clock: ManualClock, port: int) -> AsyncIterator[Agents]:
    """The server `hosts` with every component of `cmdb`; the app `shop` has a grant for all of them."""
    async with serving(kernel, clock, port) as running:
        management = running.management
        body = {"document": INVENTORY, "name": "cmdb", "upstream_url": running.upstream.url, "signing": "none"}
        imported = await management.client.post("/v1/systems:import", json=body)
        assert imported.status_code == 200, imported.text
        await management.app_with_secret("shop")
        await management.granted("shop", "cmdb", None)
        made = await management.client.post(
            "/v1/mcp-servers",
            json={
                "name": "hosts",
                "title": "Hosts",
                "description": "Everything about hosts",
                "system": "cmdb",
                "tools": [{"kind": "component", "target": f"cmdb.{name}"} for name in TOOLS],
            },
        )
        assert made.status_code == 201, made.text
        yield running
