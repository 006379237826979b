"""The orchestrator behind its management API, with stand-ins for the other units."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import httpx
from fastapi import FastAPI

from kernel.clock import SystemClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.projects import ProjectSummary
from kernel.db.database import Database
from kernel.http.middleware import BodyLimitMiddleware, RequestIdMiddleware
from kernel.http.problems import install_problem_handlers
from kernel.services import KernelServices
from orchestrator.unit import OrchestratorUnit
from tests.support.contracts import (
    ADMIN,
    USER_HEADER,
    HeaderAuthenticator,
    ListedFlowMarket,
    ListedPlugins,
    ListedProfiles,
    ListedProjects,
    ListedSecrets,
    NotedGrants,
    RuleAuthorizer,
    ScriptedComponents,
)
from tests.support.patience import patience
from tests.support.routes import mount
from tests.support.scripted_plugins import ScriptedInvoker, scripted_plugins

PROJECT = ProjectSummary("0" * 31 + "1", "shop", "Shop", "shop-service")
OTHER_PROJECT = ProjectSummary("0" * 31 + "2", "bank", "Bank", "bank-service")

_EDITOR = (Action.FLOW_VIEW, Action.FLOW_EDIT, Action.FLOW_PUBLISH, Action.FLOW_LAUNCH, Action.FLOW_SHARE)
_OPERATOR = (Action.TASK_VIEW, Action.TASK_OPERATE)


@dataclass(slots=True)
class OrchestratorHouse:
    """Attributes:
    client: speaks as the admin unless a call names somebody by `as_user`.
    """

    unit: OrchestratorUnit
    app: FastAPI
    kernel: KernelServices
    authorizer: RuleAuthorizer
    plugins: ListedPlugins
    profiles: ListedProfiles
    invoker: ScriptedInvoker
    grants: NotedGrants
    components: ScriptedComponents
    market: ListedFlowMarket
    secrets: ListedSecrets
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://trunkline/v1", headers=as_user(ADMIN))
        project = PROJECT.id
        self.authorizer.allow("dev", ResourceKind.PROJECT, project, *_EDITOR, *_OPERATOR)
        self.authorizer.allow("viewer", ResourceKind.PROJECT, project, Action.FLOW_VIEW, Action.TASK_VIEW)

    @property
    def database(self) -> Database:
        return self.kernel.database

    def successor(self) -> OrchestratorUnit:
        """What the next process would be: nothing in memory, the same database."""
        others = (
            self.authorizer,
            self.plugins,
            self.profiles,
            self.invoker,
            self.grants,
            self.components,
            self.market,
            self.secrets,
        )
        return _unit(self.kernel, *others)

    async def make_flow(self, definition: dict[str, Any] | None = None, name: str = "Check disks") -> str:
        """A flow in the project with `definition` as its draft."""
        created = await self.client.post("/projects/shop/flows", json={"name": name})
        assert created.status_code == 201, created.text
        flow: str = created.json()["id"]
        if definition is not None:
            saved = await self.client.put(f"/flows/{flow}/draft", json={"definition": definition, "draft_version": 1})
            assert saved.status_code == 200, saved.text
        return flow

    async def publish(self, definition: dict[str, Any], name: str = "Check disks") -> str:
        """A published flow."""
        flow = await self.make_flow(definition, name)
        published = await self.client.post(f"/flows/{flow}:publish")
        assert published.status_code == 201, published.text
        return flow

    async def launch(self, definition: dict[str, Any], inputs: dict[str, Any] | None = None, by: str = ADMIN) -> str:
        """A task of a new flow."""
        flow = await self.publish(definition)
        launched = await self.client.post(f"/flows/{flow}/tasks", json={"inputs": inputs or {}}, headers=as_user(by))
        assert launched.status_code == 201, launched.text
        task: str = launched.json()["id"]
        return task

    async def task(self, task: str) -> dict[str, Any]:
        found = await self.client.get(f"/tasks/{task}")
        assert found.status_code == 200, found.text
        view: dict[str, Any] = found.json()
        return view

    async def until(self, task: str, state: str, node: str | None = None) -> dict[str, Any]:
        """The task once it, or its node, is in a state."""
        async with patience():
            while True:
                view = await self.task(task)
                if (view if node is None else view["nodes"][node])["state"] == state:
                    return view
                await asyncio.sleep(0.02)

    async def states(self, task: str) -> dict[str, str]:
        """Node id → state, without start and end."""
        nodes = (await self.task(task))["nodes"]
        return {name: node["state"] for name, node in nodes.items() if name not in {"start", "end"}}


def as_user(name: str) -> dict[str, str]:
    return {USER_HEADER: name}


def build_house(kernel: KernelServices) -> OrchestratorHouse:
    others = (
        RuleAuthorizer(),
        ListedPlugins(),
        ListedProfiles(),
        ScriptedInvoker(),
        NotedGrants(),
        ScriptedComponents(),
        ListedFlowMarket(),
        ListedSecrets(),
    )
    unit = _unit(kernel, *others)
    app = FastAPI()
    app.state.database = kernel.database
    app.state.authenticator = HeaderAuthenticator()
    app.state.orchestrator = unit
    mount(app, unit.routers)
    install_problem_handlers(app)
    app.add_middleware(BodyLimitMiddleware, limit=kernel.settings.max_body_bytes)
    app.add_middleware(RequestIdMiddleware)
    return OrchestratorHouse(unit, app, kernel, *others)


@asynccontextmanager
async def working_house(kernel: KernelServices) -> AsyncIterator[OrchestratorHouse]:
    """With its worker, real time and the scripted plugins."""
    house = build_house(replace(kernel, clock=SystemClock()))
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    await house.unit.start()
    async with house.client:
        yield house
    await house.unit.stop()


def _unit(
    kernel: KernelServices,
    authorizer: RuleAuthorizer,
    plugins: ListedPlugins,
    profiles: ListedProfiles,
    invoker: ScriptedInvoker,
    grants: NotedGrants,
    components: ScriptedComponents,
    market: ListedFlowMarket,
    secrets: ListedSecrets,
) -> OrchestratorUnit:
    projects = ListedProjects([PROJECT, OTHER_PROJECT])
    return OrchestratorUnit(
        kernel, authorizer, projects, profiles, grants, components, plugins, invoker, market, secrets
    )


def flow_of(*nodes: dict[str, Any], edges: list[str] | None = None, **rest: Any) -> dict[str, Any]:
    """A definition of `nodes` between a start and an end: one after the other, or along `edges` written `a>b`."""
    ids = ["start", *(node["id"] for node in nodes), "end"]
    ways = edges if edges is not None else [f"{a}>{b}" for a, b in pairwise(ids)]
    return {
        "nodes": [{"id": "start", "kind": "start"}, *nodes, {"id": "end", "kind": "end"}],
        "edges": [_edge(number, way) for number, way in enumerate(ways)],
        **rest,
    }


def _edge(number: int, way: str) -> dict[str, Any]:
    """`a>b`, `a>b?` for the default edge, `a>b?condition` for a condition."""
    ends, asks, condition = way.partition("?")
    source, _, target = ends.partition(">")
    edge: dict[str, Any] = {"id": f"e{number}", "source": source, "target": target}
    if asks:
        edge |= {"condition": condition} if condition else {"default": True}
    return edge


def plugin_node(identifier: str, plugin: str = "echo", version: str = "1.0.0", **rest: Any) -> dict[str, Any]:
    return {"id": identifier, "kind": "plugin", "plugin": plugin, "version": version, **rest}
