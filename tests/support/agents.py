"""MCP servers behind a real socket: the management half, a data plane and an upstream that a test scripts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.types import ASGIApp

from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.mcp.addresses import TOOL_PREFIXES
from gateway.mcp.serving.patience import Patience
from gateway.oauth.keys.key_pairs import Signer
from kernel.clock import ManualClock, SystemClock
from kernel.http.middleware import RequestIdMiddleware
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from orchestrator.unit import OrchestratorUnit
from tests.support.contracts import ListedFlowMarket, ListedPlugins, ScriptedComponents
from tests.support.management import Management, managing
from tests.support.routes import mount
from tests.support.scripted_gateway import ScriptedGateway
from tests.support.scripted_plugins import ScriptedInvoker
from tests.support.served_app import served_app
from trunkline.dispatch import PrefixDispatcher


@dataclass(slots=True)
class Agents:
    """Attributes:
    upstream: answers what a test scripts, and notes what it was asked.
    tools: the application that serves MCP servers.
    """

    management: Management
    upstream: ScriptedGateway
    url: str
    signer: Signer
    plugins: ListedPlugins = field(default_factory=ListedPlugins)
    invoker: ScriptedInvoker = field(default_factory=ScriptedInvoker)
    tools: ASGIApp = field(init=False)

    def token(self, app: str, *scopes: str, aud: str | None = None, **claims: Any) -> str:
        """For the server at the path `aud`, or for the gateway."""
        audience = {"aud": self.url + aud} if aud is not None else {}
        issued = self.management.unit.services.token_issuer.issue(
            self.signer, app_code=app, scopes=scopes, seconds=600, claims=audience | claims
        )
        return issued.value

    async def post(self, path: str, token: str | None, body: Any, **headers: str) -> httpx.Response:
        """One message, as an old client sends it."""
        own = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        bearer = {"Authorization": f"Bearer {token}"} if token is not None else {}
        async with httpx.AsyncClient() as client:
            content = body if isinstance(body, bytes) else None
            document = None if isinstance(body, bytes) else body
            return await client.post(self.url + path, content=content, json=document, headers=own | bearer | headers)

    @asynccontextmanager
    async def client(self, path: str, token: str, mode: str = "auto", **headers: str) -> AsyncIterator[Client]:
        """The official SDK's client."""
        sent = {"Authorization": f"Bearer {token}", **headers}
        async with httpx2.AsyncClient(headers=sent) as http:
            transport = streamable_http_client(self.url + path, http_client=http)
            async with Client(transport, mode=mode) as client:
                yield client


def called(name: str, arguments: dict[str, Any] | None = None, *, id: int = 1) -> dict[str, Any]:  # noqa: A002  its name on the wire
    params = {"name": name, "arguments": arguments or {}}
    return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}


@asynccontextmanager
async def serving(
    kernel: KernelServices, clock: ManualClock, port: int, *, patience: Patience | None = None
) -> AsyncIterator[Agents]:
    """Args:
    kernel: whose public address is `http://127.0.0.1:{port}`.
    patience: with it flows and plugins are run, by scripted plugins in real time.
    """
    upstream = ScriptedGateway()
    await upstream.start()
    settings = kernel.settings.model_copy(update={"allowed_upstream_origins": (upstream.url,)})
    kernel = replace(kernel, settings=settings)
    async with managing(kernel, clock) as management:
        async with kernel.database.reading() as session:
            signer = await management.unit.services.keyring.signer(session)
        plane = DataPlane(
            management.holder,
            TransportClient(AddressPolicy.allowing([upstream.url])),
            public_url=settings.public_url,
            clock=lambda: clock.now().timestamp(),
        )
        agents = Agents(management, upstream, settings.public_url, signer)
        orchestrator = _orchestrator(agents) if patience is not None else None
        if orchestrator is not None:
            await orchestrator.start()
        tools = management.unit.serve_tools(
            plane, orchestrator.agent_tools if orchestrator is not None else None, patience or Patience()
        )
        agents.tools = RequestIdMiddleware(tools)
        parts = [(prefix, agents.tools) for prefix in TOOL_PREFIXES]
        app = PrefixDispatcher(plane, parts, management.app)
        async with served_app(app, port, http=GatewayProtocol):
            yield agents
            agents.invoker.release.set()
        _end_watchers()
        if orchestrator is not None:
            await orchestrator.stop()
        await plane.aclose()
    await upstream.stop()


def _end_watchers() -> None:
    """What the SDK streams events by has a task that looks for uvicorn's end by its signals; here none come."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == "_shutdown_watcher":
            task.cancel()


def _orchestrator(agents: Agents) -> OrchestratorUnit:
    unit, app = agents.management.unit, agents.management.app
    kernel = replace(agents.management.kernel, clock=SystemClock())
    orchestrator = OrchestratorUnit(
        kernel,
        unit.authorizer,
        unit.projects,
        unit.profiles,
        unit.grant_desk,
        ScriptedComponents(),
        agents.plugins,
        agents.invoker,
        ListedFlowMarket(),
        unit.project_secrets,
    )
    app.state.orchestrator = orchestrator
    mount(app, orchestrator.routers)
    return orchestrator
