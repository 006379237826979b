"""Every part of the product, built and wired: the only place that knows several units."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from adapters.cmdb.service.app import build_app as build_cmdb
from adapters.cmdb.service.hosts import InventoryHosts
from adapters.job.service.app import build_app as build_job
from adapters.notify.service.app import build_notify
from adapters.notify.service.people.own import OwnNotifications
from adapters.tools.service.app import build_app as build_tools
from gateway.coded.loading import installed_components
from gateway.coded.shipped import SHIPPED, SHIPPED_SYSTEMS
from gateway.dataplane.app import DataPlane
from gateway.dataplane.own_calls import OwnCalls
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.unit import GatewayUnit
from gateway.usage.recorder import UsageRecorder
from kernel.audit.sealer import AuditSealer
from kernel.clock import SystemClock
from kernel.contracts.authorizer import ResourceKind
from kernel.contracts.gateway_calls import GatewayCalls
from kernel.db.database import Database
from kernel.http.component_app import EmbeddedSystem
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from marketplace.hosting.unit import HostingNeeds
from marketplace.invoke.calls_over_http import CallsOverHttp
from marketplace.unit import MarketplaceUnit
from orchestrator.flow_market.unpacking import PackedDefinitions
from orchestrator.flows.plugin_use import PluginUse
from orchestrator.flows.repository import find_flow_resource
from orchestrator.mini_apps.repository import find_mini_app_resource
from orchestrator.notices.groups import ProjectGroups
from orchestrator.sops.app import Surroundings
from orchestrator.tasks.repository import find_task_resource
from orchestrator.unit import OrchestratorUnit
from trunkline.standard_systems import standard_systems


@dataclass(frozen=True, slots=True)
class Roles:
    """What a process does.

    Attributes:
        embedded: serves the embedded systems and runs their background work.
        works: runs tasks.
    hosts_code: runs the coded components that are installed beside it, and installed plugins in Python.
    """

    embedded: bool
    works: bool
    hosts_code: bool = False


class Product:
    """All units of one process. `start` in the event loop that serves, `stop` there too."""

    def __init__(self, settings: Settings, roles: Roles) -> None:
        is_host = roles.embedded or roles.hosts_code or settings.embedded_systems
        settings = with_embedded_origin(settings) if is_host else settings
        self.settings = settings
        self.kernel = KernelServices(
            settings,
            Database(settings.effective_database_url),
            SecretBox(
                settings.secret_key.get_secret_value(),
                [key.get_secret_value() for key in settings.previous_secret_keys],
            ),
            SystemClock(),
        )
        self.snapshots = SnapshotHolder()
        self.gateway = GatewayUnit(
            self.kernel, self.snapshots, standard_systems(settings.effective_gateway_url, self.documents)
        )
        self.data_plane = DataPlane(
            self.snapshots,
            TransportClient(AddressPolicy.allowing(settings.allowed_upstream_origins)),
            public_url=settings.public_url,
            max_body=settings.max_body_bytes,
            trusted_proxies=frozenset(settings.trusted_proxies),
            access_log=settings.access_log,
            login_url=settings.bk_login_url,
            domain=settings.gateway_domain,
            redis_url=settings.redis_url,
            nonces=self.gateway.dpop_nonces,
        )
        self.gateway.watch_servers(self.data_plane.server_states)
        self.usage = UsageRecorder(self.kernel.database, self.kernel.clock, self.data_plane.take_usage)
        self.gateway_client = TransportClient(AddressPolicy.allowing([settings.effective_gateway_url]))
        self.marketplace = MarketplaceUnit(
            self.kernel,
            self.gateway.authorizer,
            self.gateway.projects,
            self.gateway.components,
            self.gateway.grant_desk,
            self.gateway.task_tokens,
            self.gateway.project_secrets,
            self.gateway.project_businesses,
            PluginUse(),
            self._gateway_calls(),
            HostingNeeds(self.gateway.system_keys, self.gateway.own_systems) if roles.hosts_code else None,
            self.gateway.people_notices,
            ProjectGroups(),
            self.gateway.live,
        )
        self.orchestrator = OrchestratorUnit(
            self.kernel,
            self.gateway.authorizer,
            self.gateway.projects,
            self.gateway.profiles,
            self.gateway.grant_desk,
            self.marketplace.component_caller,
            self.marketplace.plugin_directory,
            self.marketplace.invoker,
            self.marketplace.flows,
            self.gateway.project_secrets,
            works=roles.works,
        )
        self.marketplace.uses = self.orchestrator.plugin_uses
        self.marketplace.flow_definitions = PackedDefinitions()
        self.gateway.know_resources(ResourceKind.FLOW, find_flow_resource)
        self.gateway.know_resources(ResourceKind.MINI_APP, find_mini_app_resource)
        self.gateway.know_resources(ResourceKind.TASK, find_task_resource)
        self.own_notifications: OwnNotifications | None = None
        self.count_deliveries: Callable[[], Mapping[tuple[str, str], int]] = dict
        self.systems = self._build_systems() if roles.embedded else ()
        self.coded = self.gateway.host_code(installed_components() if roles.hosts_code else ())
        self.sealer = AuditSealer(self.kernel.database)
        self._stops: list[Callable[[], Awaitable[None]]] = []

    def _gateway_calls(self) -> GatewayCalls:
        """To the gateway of this process, unless the operator named another."""
        over_http = CallsOverHttp(self.gateway_client, self.settings.effective_gateway_url)
        return over_http if self.settings.gateway_url else OwnCalls(self.data_plane, over_http)

    def serve_tools(self) -> ASGIApp:
        """What serves MCP servers, for the process that does."""
        return self.gateway.serve_tools(self.data_plane, self.orchestrator.agent_tools)

    async def start(self) -> None:
        """Starts the parts in the order in which they need each other; what has started is stopped if one fails."""
        self._stops += [self.kernel.database.close, self.data_plane.aclose, self.gateway_client.aclose]
        try:
            await self._start(self.gateway.start, self.gateway.stop)
            await self._start(self.usage.start, self.usage.stop)
            for system in self.systems:
                await self._start(system.start, system.stop)
            await self._start(self.coded.start, self.coded.stop)
            await self._start(self.marketplace.start, self.marketplace.stop)
            await self._start(self.orchestrator.start, self.orchestrator.stop)
            self.sealer.start()
            self._stops.append(self.sealer.stop)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        while self._stops:
            await self._stops.pop()()

    async def _start(self, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
        self._stops.append(stop)
        await start()

    @property
    def shipped_systems(self) -> tuple[EmbeddedSystem, ...]:
        """Those of this process that come with the product."""
        return (*self.systems, *(system for system in self.coded.systems if system.name in SHIPPED_SYSTEMS))

    def documents(self) -> dict[str, dict[str, Any]]:
        """Of the systems that come with the product, where these are not served too."""
        embedded = self.systems or self._build_systems()
        coded = self.coded.systems or self.gateway.host_code(SHIPPED).systems
        return {system.name: system.document() for system in (*embedded, *coded)}

    def _build_systems(self) -> tuple[EmbeddedSystem, ...]:
        keys = self.gateway.system_keys
        notify = build_notify(self.kernel, keys, profiles=self.gateway.profiles)
        self.count_deliveries, self.own_notifications = notify.counts.snapshot, notify.own
        return (
            build_cmdb(self.kernel, keys),
            build_job(self.kernel, keys, InventoryHosts()),
            notify.embedded,
            build_tools(self.kernel, keys),
            self.orchestrator.sops(Surroundings(keys, self.gateway.profiles, self.gateway.business_projects)),
        )


def with_embedded_origin(settings: Settings) -> Settings:
    """The embedded systems stand behind our own address, which the gateway may therefore dial; so do hosted plugins."""
    own = [origin_of(url) for url in (settings.effective_gateway_url, settings.plugin_host_url) if url]
    allowed = tuple(dict.fromkeys((*settings.allowed_upstream_origins, *own)))
    return settings.model_copy(update={"allowed_upstream_origins": allowed})


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
