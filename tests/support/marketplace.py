"""The marketplace behind its management API, with stand-ins for the other units."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.components import ComponentDescription
from kernel.contracts.grant_desk import GrantSummary
from kernel.contracts.plugin_invoker import PluginCall
from kernel.contracts.projects import ProjectSummary
from kernel.contracts.task_tokens import TaskToken
from kernel.db.database import Database
from kernel.http.middleware import RequestIdMiddleware
from kernel.http.problems import install_problem_handlers
from kernel.ids import new_id
from kernel.principal import Principal
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from marketplace.invoke.calls_over_http import CallsOverHttp
from marketplace.unit import MarketplaceUnit
from tests.support.contracts import ADMIN, USER_HEADER, HeaderAuthenticator, ListedProjects, RuleAuthorizer
from tests.support.packages import archive_of
from tests.support.routes import mount

PROJECT = ProjectSummary("0" * 31 + "1", "shop", "Shop", "shop-service")
OTHER_PROJECT = ProjectSummary("0" * 31 + "2", "bank", "Bank", "bank-service")
COMPONENTS = (
    ComponentDescription("cmdb", "list_hosts", "POST", "/biz/{biz}/hosts", ("cmdb:read",), is_read=True),
    ComponentDescription("cmdb", "get_host", "GET", "/hosts/{id}", ("cmdb:read",), is_read=True),
    ComponentDescription("cmdb", "move_host", "POST", "/hosts/move", ("cmdb:write",), is_read=False),
    ComponentDescription("job", "execute", "POST", "/execute", ("job:execute",), is_read=False),
    ComponentDescription("job", "status", "GET", "/status", ("job:read",), is_read=True),
    ComponentDescription("job", "log", "GET", "/log", ("job:read",), is_read=True),
    ComponentDescription("open", "ping", "GET", "/ping", (), is_read=True),
)


@dataclass(slots=True)
class ListedComponents:
    """Counts its lookups; `cc` is another name of `cmdb`."""

    components: list[ComponentDescription] = field(default_factory=lambda: list(COMPONENTS))
    lookups: int = 0

    async def find(self, session: AsyncSession, system: str, component: str) -> ComponentDescription | None:
        self.lookups += 1
        wanted = ("cmdb" if system == "cc" else system, component)
        return next((found for found in self.components if (found.system, found.name) == wanted), None)

    async def known_scopes(self, session: AsyncSession) -> frozenset[str]:
        scopes = {scope for found in self.components for scope in found.scopes}
        return frozenset(scopes | {f"{found.system}.{found.name}" for found in self.components})


@dataclass(slots=True)
class RecordingGrantDesk:
    """Files every application once."""

    filed: dict[tuple[str, str], GrantSummary] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    async def apply_for_components(
        self, session: AsyncSession, principal: Principal, project_id: str, components: Iterable[str], reason: str
    ) -> list[GrantSummary]:
        self.reasons.append(reason)
        names = list(components)
        for name in names:
            system, component = name.split(".", 1)
            grant = GrantSummary(new_id(), "shop-service", system, component, "applied", None)
            self.filed.setdefault((project_id, name), grant)
        return await self.grants_for_components(session, project_id, names)

    async def grants_for_components(
        self, session: AsyncSession, project_id: str, components: Iterable[str]
    ) -> list[GrantSummary]:
        return [self.filed[project_id, name] for name in components if (project_id, name) in self.filed]


@dataclass(slots=True)
class CountingTokens:
    """Mints `token-1`, `token-2` …; `failure` is raised instead when set."""

    minted: list[frozenset[str]] = field(default_factory=list)
    expires_at: float = 4_000_000_000.0
    covered: frozenset[str] | None = None
    failure: Exception | None = None
    forgotten: int = 0

    async def mint(
        self, *, project_id: str, task_id: str, on_behalf_of: str, scopes: frozenset[str], launched_by: str = ""
    ) -> TaskToken:
        if self.failure is not None:
            raise self.failure
        self.minted.append(scopes)
        covered = scopes if self.covered is None else scopes & self.covered
        return TaskToken(f"token-{len(self.minted)}", covered, self.expires_at)

    def forget(self) -> None:
        self.forgotten += 1


@dataclass(slots=True)
class KeptSecrets:
    """(project, name) → secret; `failure` is raised instead when set."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    failure: Exception | None = None

    async def open(self, project_id: str, names: Collection[str]) -> dict[str, str]:
        if self.failure is not None:
            raise self.failure
        return {name: self.kept[project_id, name] for name in names if (project_id, name) in self.kept}


@dataclass(slots=True)
class KeptGroups:
    """(project, group) → people."""

    kept: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    async def people_of(self, session: AsyncSession, project_id: str, names: Collection[str]) -> dict[str, list[str]]:
        return {name: self.kept[project_id, name] for name in names if (project_id, name) in self.kept}


@dataclass(slots=True)
class BoundBusinesses:
    """Project → business."""

    bound: dict[str, int] = field(default_factory=dict)

    async def bk_biz_id(self, session: AsyncSession, project_id: str) -> int | None:
        return self.bound.get(project_id)


@dataclass(slots=True)
class FlowsWithPlugins:
    """(flow, plugin) of the project."""

    used: set[tuple[str, str]] = field(default_factory=set)

    async def asks(self, session: AsyncSession, project_id: str, flow_id: str, plugin: str, version: str) -> bool:
        return project_id == PROJECT.id and (flow_id, plugin) in self.used


@dataclass(slots=True)
class Told:
    """What people were told, by user name."""

    words: list[tuple[str, str]] = field(default_factory=list)

    async def tell(self, session: AsyncSession, username: str, title: str, content: str, at: datetime) -> None:
        self.words.append((username, f"{title}\n{content}"))


@dataclass(slots=True)
class MarketplaceHouse:
    """Attributes:
    client: speaks as the admin unless a call names somebody by `as_user`.
    """

    unit: MarketplaceUnit
    app: FastAPI
    authorizer: RuleAuthorizer
    components: ListedComponents
    grant_desk: RecordingGrantDesk
    tokens: CountingTokens
    secrets: KeptSecrets
    businesses: BoundBusinesses
    flows: FlowsWithPlugins
    database: Database
    transport: TransportClient
    client: httpx.AsyncClient

    async def publish(self, manifest: Mapping[str, object], user: str = ADMIN) -> httpx.Response:
        return await self.upload(archive_of(dict(manifest)), user)

    async def upload(self, archive: bytes, user: str = ADMIN, media_type: str = "application/zip") -> httpx.Response:
        headers = {**as_user(user), "Content-Type": media_type}
        return await self.client.post("/plugins", content=archive, headers=headers)

    async def install(
        self, plugin: str, scopes: list[str], version: str = "1.0.0", project: str = "shop", user: str = ADMIN
    ) -> httpx.Response:
        body = {"plugin": plugin, "version": version, "consent_scopes": scopes}
        return await self.client.post(f"/projects/{project}/installs", json=body, headers=as_user(user))

    async def close(self) -> None:
        await self.client.aclose()
        await self.transport.aclose()
        await self.unit.stop()


def as_user(name: str) -> dict[str, str]:
    return {USER_HEADER: name}


def build_house(kernel: KernelServices, **settings: object) -> MarketplaceHouse:
    kernel = replace(kernel, settings=kernel.settings.model_copy(update={"plugin_review": "off", **settings}))
    authorizer, components, desk, tokens = RuleAuthorizer(), ListedComponents(), RecordingGrantDesk(), CountingTokens()
    secrets, businesses, flows = KeptSecrets(), BoundBusinesses(), FlowsWithPlugins()
    transport = TransportClient(AddressPolicy.allowing([kernel.settings.effective_gateway_url]))
    calls = CallsOverHttp(transport, kernel.settings.effective_gateway_url)
    projects = ListedProjects([PROJECT, OTHER_PROJECT])
    unit = MarketplaceUnit(kernel, authorizer, projects, components, desk, tokens, secrets, businesses, flows, calls)
    app = FastAPI()
    app.state.database = kernel.database
    app.state.authenticator = HeaderAuthenticator()
    app.state.marketplace = unit
    mount(app, unit.routers)
    install_problem_handlers(app)
    app.add_middleware(RequestIdMiddleware)
    authorizer.allow("rita", ResourceKind.PLATFORM, "platform", Action.PLUGIN_REVIEW)
    for author in ("alice", "bob"):
        authorizer.allow(author, ResourceKind.PLATFORM, "platform", Action.PLUGIN_PUBLISH)
    authorizer.allow("dev", ResourceKind.PROJECT, PROJECT.id, Action.PLUGIN_INSTALL, Action.PROJECT_VIEW)
    authorizer.allow("viewer", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_VIEW)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://trunkline/v1", headers=as_user(ADMIN)
    )
    return MarketplaceHouse(
        unit, app, authorizer, components, desk, tokens, secrets, businesses, flows, kernel.database, transport, client
    )


def call_of(plugin: str, scopes: Iterable[str], **changed: object) -> PluginCall:
    """An invocation in the project, for one node run."""
    given: dict[str, object] = {
        "node_run_id": "run1",
        "task_id": "task1",
        "project_id": PROJECT.id,
        "plugin": plugin,
        "version": "1.0.0",
        "inputs": {},
        "context": {"task": {"id": "task1"}},
        "scopes": frozenset(scopes),
        "on_behalf_of": "operator",
        "callback_url": "http://trunkline/v1/callbacks/abc",
        **changed,
    }
    return PluginCall(**given)  # type: ignore[arg-type]  # the keywords are PluginCall's own
