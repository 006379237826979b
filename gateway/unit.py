"""The gateway as the composition root wires it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp

from gateway.access.applications.endpoints import router as applications_router
from gateway.access.apps.endpoints import router as apps_router
from gateway.access.catalogue.endpoints import router as catalogue_router
from gateway.access.deputies.endpoints import router as deputies_router
from gateway.access.grant_rules.endpoints import router as grant_rules_router
from gateway.access.grants.endpoints import router as grants_router
from gateway.access.tickets.endpoints import router as tickets_router
from gateway.access.trusted_gateways.endpoints import router as trusted_gateways_router
from gateway.coded.component import Component
from gateway.coded.host import CodedHost
from gateway.coded.invoking import GatewayRoutes
from gateway.dataplane.app import DataPlane
from gateway.dataplane.upstream.guards import ServerState
from gateway.explain.endpoints import router as explain_router
from gateway.identity.account.endpoints import router as account_router
from gateway.identity.api_tokens.endpoints import router as api_tokens_router
from gateway.identity.business.directory import BoundBusinesses
from gateway.identity.business.endpoints import router as business_router
from gateway.identity.project_secrets.endpoints import router as project_secrets_router
from gateway.identity.projects.endpoints import router as projects_router
from gateway.identity.providers.endpoints import identities_router
from gateway.identity.providers.endpoints import router as identity_providers_router
from gateway.identity.providers.sign_in_endpoints import router as sign_in_router
from gateway.identity.role_bindings.endpoints import router as roles_router
from gateway.identity.sessions.endpoints import router as session_router
from gateway.identity.sessions.endpoints import sessions_router
from gateway.identity.users.endpoints import links_router as password_links_router
from gateway.identity.users.endpoints import router as users_router
from gateway.identity.users.profiles import UserProfiles
from gateway.mcp.servers.endpoints import router as mcp_servers_router
from gateway.mcp.serving.patience import Patience
from gateway.oauth.authorization.endpoints import root_router as authorization_root_router
from gateway.oauth.authorization.endpoints import router as authorization_router
from gateway.oauth.clients.endpoints import router as oauth_clients_router
from gateway.oauth.device.endpoints import root_router as device_root_router
from gateway.oauth.device.endpoints import router as device_router
from gateway.oauth.endpoints import router as oauth_router
from gateway.oauth.exchanges.endpoints import router as exchanges_router
from gateway.oauth.keys.endpoints import router as signing_keys_router
from gateway.oauth.keys.shards import keys_document
from gateway.oauth.oidc.endpoints import router as oidc_router
from gateway.oauth.registration.endpoints import router as client_registration_router
from gateway.oauth.registration.endpoints import tokens_router as registration_tokens_router
from gateway.policies.endpoints import router as policies_router
from gateway.registration.blueking_endpoints import router as registration_router
from gateway.registration.callers import RegistrationCallers
from gateway.registration.endpoints import router as compatibility_router
from gateway.registry.back_ends.endpoints import router as back_ends_router
from gateway.registry.back_ends.standards import StandardSystems
from gateway.registry.console_calls.endpoints import router as console_calls_router
from gateway.registry.drafts.endpoints import router as drafts_router
from gateway.registry.endpoints import router as systems_router
from gateway.registry.manifest.endpoints import router as manifest_router
from gateway.registry.own_systems import KeptSystems
from gateway.registry.releases.endpoints import router as releases_router
from gateway.registry.secrets.endpoints import router as secrets_router
from gateway.registry.signing.endpoints import router as signing_router
from gateway.registry.stages.endpoints import router as stages_router
from gateway.registry.trials.endpoints import router as trials_router
from gateway.registry.upstreams.endpoints import router as upstreams_router
from gateway.services import GatewayServices
from gateway.snapshot.disk import DiskCopy
from gateway.snapshot.endpoints import router as snapshot_router
from gateway.snapshot.loader import SnapshotLoader
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.snapshot.repository import live_workers, shard_document
from gateway.snapshot.secrets import opener
from gateway.usage.endpoints import router as usage_router
from kernel.background import Repeating
from kernel.contracts.agent_tools import AgentTools
from kernel.contracts.authenticator import Authenticator
from kernel.contracts.authorizer import Authorizer, ResourceKind
from kernel.contracts.components import ComponentDirectory
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.own_systems import OwnSystems
from kernel.contracts.people_notices import PeopleNotices
from kernel.contracts.profiles import Profiles
from kernel.contracts.project_businesses import BusinessProjects, ProjectBusinesses
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.projects import ProjectDirectory
from kernel.contracts.resources import ResourceFinder
from kernel.contracts.standard_systems import StandardSystem
from kernel.contracts.system_keys import SystemKeys
from kernel.contracts.task_tokens import TaskTokenMinter
from kernel.errors import Conflict
from kernel.looks import when_changed
from kernel.services import KernelServices

_COPY = "snapshot.json"
_EXPIRY_SECONDS = 30.0
_FORGET_SECONDS = 60.0
_TICKET_SECONDS = 1.0
_NOTICE_SECONDS = 2.0
_KEY_SWITCH_SECONDS = 5.0
_SECRET_SECONDS = 15.0
_LAST_USE_SECONDS = 15.0
_ROLE_SYNC_SECONDS = 30.0
_ROUTERS = (
    session_router,
    account_router,
    sessions_router,
    users_router,
    password_links_router,
    roles_router,
    explain_router,
    identity_providers_router,
    identities_router,
    sign_in_router,
    business_router,
    api_tokens_router,
    projects_router,
    project_secrets_router,
    systems_router,
    manifest_router,
    releases_router,
    stages_router,
    back_ends_router,
    drafts_router,
    trials_router,
    console_calls_router,
    usage_router,
    upstreams_router,
    signing_router,
    secrets_router,
    apps_router,
    oauth_clients_router,
    signing_keys_router,
    exchanges_router,
    registration_tokens_router,
    authorization_router,
    device_router,
    grants_router,
    applications_router,
    grant_rules_router,
    deputies_router,
    tickets_router,
    catalogue_router,
    trusted_gateways_router,
    mcp_servers_router,
    policies_router,
    snapshot_router,
    compatibility_router,
)
_ROOT_ROUTERS = (
    oauth_router,
    client_registration_router,
    authorization_root_router,
    device_root_router,
    oidc_router,
    registration_router,
)


class GatewayUnit:
    """Put at `app.state.gateway`.

    Attributes:
        routers: mounted below `/v1`.
        root_routers: OAuth, well-known documents and BlueKing's registration API, mounted at the root.
        registration_callers: who calls that API.
    """

    routers: Final = _ROUTERS
    root_routers: Final = _ROOT_ROUTERS

    def __init__(
        self, kernel: KernelServices, snapshots: SnapshotHolder, standards: Iterable[StandardSystem] = ()
    ) -> None:
        self.services = GatewayServices(kernel, snapshots, StandardSystems(standards))
        self.authenticator: Authenticator = self.services.authenticator
        self.authorizer: Authorizer = self.services.authorizer
        self.projects: ProjectDirectory = self.services.projects
        self.profiles: Profiles = UserProfiles()
        self.business_projects: BusinessProjects = BoundBusinesses()
        self.project_secrets: ProjectSecrets = self.services.identity.opened_secrets
        self.project_businesses: ProjectBusinesses = BoundBusinesses()
        self.components: ComponentDirectory = self.services.components
        self.grant_desk: GrantDesk = self.services.access.desk
        self.people_notices: PeopleNotices = self.services.access.people_notices
        self.system_keys: SystemKeys = self.services.system_keys
        self.own_systems: OwnSystems = KeptSystems(kernel.database, self.services.imports)
        self.task_tokens: TaskTokenMinter = self.services.task_tokens
        self.standard_registration = self.services.standard_registration
        self.live = self.services.live
        self.recovery = self.services.identity.recovery
        self.dpop_nonces = self.services.oauth.dpop_nonces
        self.registration_callers = RegistrationCallers(
            snapshots, self.authenticator, kernel.clock, frozenset(kernel.settings.trusted_proxies)
        )
        self._snapshots = snapshots
        self._clock = kernel.clock
        self._kernel = kernel
        open_secret = opener(kernel.secrets)
        copy = DiskCopy(kernel.settings.data_dir / _COPY, open_secret)
        self._loader = SnapshotLoader(kernel.database, snapshots, open_secret, kernel.clock, copy, kernel.secrets.root)
        look = partial(when_changed, kernel.database)
        self._expiry = Repeating("grant expiry", _EXPIRY_SECONDS, self._expire_grants, at_once=False)
        self._secret_sources = Repeating(
            "secret sources", _SECRET_SECONDS, self.services.secret_refresher.refresh, at_once=False
        )
        self._forgetting = Repeating("oauth forgetting", _FORGET_SECONDS, self._forget, at_once=False)
        self._tickets = Repeating("ticket delivery", _TICKET_SECONDS, look(self.services.access.ticket_sender.send_due))
        self._notices = Repeating("notices", _NOTICE_SECONDS, look(self.services.notices.send_due))
        self._key_switch = Repeating("key rotation", _KEY_SWITCH_SECONDS, look(self._switch_keys), at_once=False)
        last_use = self.services.identity.last_use
        self._last_use = Repeating("last use", _LAST_USE_SECONDS, last_use.write, at_once=False)
        self._role_sync = Repeating(
            "role synchronisation", _ROLE_SYNC_SECONDS, self.services.business.synchronise_due, at_once=False
        )

    def watch_servers(self, states: Callable[[], Sequence[ServerState]]) -> None:
        """Tells the management half where to see how upstreams' servers do: at the data plane of this process."""
        self.services.server_states = states

    def know_resources(self, kind: ResourceKind, finder: ResourceFinder) -> None:
        """Has roles and explanations work for a kind of resources that another unit keeps."""
        self.services.identity.resources.register(kind, finder)

    def host_code(self, components: Iterable[Component[Any]]) -> CodedHost:
        """What serves these coded components, to be mounted below `/systems/coded`."""
        services = self.services
        routes = GatewayRoutes(services.database, services.components, services.keyring, services.token_issuer)
        return CodedHost(self._kernel, self.system_keys, routes, self.project_businesses, components)

    def serve_tools(
        self, data_plane: DataPlane, tasks: AgentTools | None = None, patience: Patience = Patience()
    ) -> ASGIApp:
        """What serves MCP servers, whose calls go through `data_plane`; `tasks` starts flows and plugins."""
        from gateway.mcp.unit import build_mcp  # noqa: PLC0415  the SDK takes long to load; most processes serve none

        self.services.mcp.chosen.tasks = tasks
        return build_mcp(self.services, self._snapshots, self._clock, data_plane, tasks, patience)

    @property
    def has_snapshot(self) -> bool:
        """Whether there is anything to serve from."""
        return self._snapshots.current.revision > 0

    async def prepare(self, session: AsyncSession) -> str | None:
        """What a new installation lacks: a signing key, the first administrator.

        Returns:
            The administrator's API token when he was made now.

        Raises:
            Conflict: processes that run now have another public address. Each would refuse the other's tokens, and
                all apps theirs.
        """
        services = self.services
        await services.publisher.lock(session)
        await self._require_one_address(session)
        await services.keyring.ensure(session)
        await services.publisher.publish(
            session, lambda inside: keys_document(inside, services.keyring, services.issuer)
        )
        made = await services.identity.bootstrap.admin(session, services.settings)
        return made.api_token if made is not None else None

    async def start(self) -> None:
        """Serves from the copy on disk when the database is away."""
        self.services.publisher.subscribe(self._loader.notify)
        await self._loader.start()
        self._expiry.start()
        self._tickets.start()
        if self._kernel.settings.notice_app:
            self._notices.start()
        self._key_switch.start()
        self._secret_sources.start()
        self._last_use.start()
        self._forgetting.start()
        self._role_sync.start()

    async def stop(self) -> None:
        await self._expiry.stop()
        await self._tickets.stop()
        await self._notices.stop()
        await self._key_switch.stop()
        await self._secret_sources.stop()
        await self._last_use.stop()
        await self._forgetting.stop()
        await self._role_sync.stop()
        await self.services.notices.aclose()
        await self.services.console_calls.aclose()
        await self.services.business.aclose()
        await self.services.identity.blueking.aclose()
        await self._loader.stop()

    async def _require_one_address(self, session: AsyncSession) -> None:
        told = await shard_document(session, "keys")
        issuer = self.services.issuer
        if told is None or told["issuer"] == issuer:
            return
        others = await live_workers(session, self._clock.now())
        if others:
            raise Conflict(
                f"{', '.join(worker.id for worker in others[:3])} serve the same database as {told['issuer']}, this "
                f"process would as {issuer}. Set TRUNKLINE_PUBLIC_URL to the same address, or stop them and try again "
                "in some seconds"
            )

    async def _forget(self) -> bool:
        more = await self.services.oauth.registration.expire()
        return await self.services.oauth.authorizations.forget_past() or more

    async def _expire_grants(self) -> bool:
        async with self.services.database.reading() as session:
            if not await self.services.grants.any_due(session):
                return False
        async with self.services.database.unit_of_work() as session:
            return await self.services.grants.expire_due(session) > 0

    async def _switch_keys(self) -> bool:
        await self.services.signing_keys.keep(self.services.database)
        return await self.services.key_rotation.switch_due(self.services.database)
