"""The services of the gateway's management half, built once per process."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from gateway.access.apps.service import AppService, app_resource
from gateway.access.notices.mailing import GatewayMailer
from gateway.access.notices.sending import NoticeSender
from gateway.access.services import AccessServices
from gateway.access.trusted_gateways.service import TrustedGatewayService
from gateway.coded.invoking import GatewayRoutes
from gateway.dataplane.upstream.guards import ServerState
from gateway.explain.service import ExplainService
from gateway.identity.authorization.authorizer import RoleAuthorizer
from gateway.identity.business.reader import BusinessReader
from gateway.identity.business.service import BusinessService
from gateway.identity.services import IdentityServices
from gateway.mcp.services import McpServices
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.keys.rotation import SigningKeyService
from gateway.oauth.keys.shards import keys_document
from gateway.oauth.services import OAuthServices
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from gateway.oauth.tokens.task_tokens import ServiceAppTokenMinter
from gateway.policies.service import PolicyService
from gateway.registration.services import RegistrationServices
from gateway.registry.back_ends.registering import StandardRegistration
from gateway.registry.back_ends.service import BackEndService
from gateway.registry.back_ends.standards import StandardSystems
from gateway.registry.component_directory import RegisteredComponents
from gateway.registry.console_calls.service import ConsoleCallService
from gateway.registry.drafts.service import DraftService
from gateway.registry.importers.fetcher import DocumentFetcher
from gateway.registry.importers.service import ImportService
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.manifest.service import ManifestService
from gateway.registry.releases.service import ReleaseService
from gateway.registry.repository import system_resource
from gateway.registry.secrets.refreshing import SecretRefresher
from gateway.registry.secrets.service import SecretService
from gateway.registry.service import RegistryService
from gateway.registry.signing.keyring import SystemKeyring
from gateway.registry.signing.rotation import KeyRotationService
from gateway.registry.signing.service import SigningService
from gateway.registry.stages.canary import CanaryService
from gateway.registry.stages.rollout import RolloutService
from gateway.registry.stages.service import StageService
from gateway.registry.system_registration import SystemRegistration
from gateway.registry.trials.service import TrialService
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.client_keys import NamedClientKeys
from gateway.registry.upstreams.service import UpstreamService
from gateway.snapshot.live import LiveWatch
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import opener
from gateway.usage.service import UsageService
from kernel.contracts.authorizer import ResourceKind
from kernel.secret_sources.files import SecretFiles
from kernel.secret_sources.source import SecretSources
from kernel.secret_sources.vault import VaultReader
from kernel.services import KernelServices


class GatewayServices:
    """What endpoints reach through `gateway.dependencies`.

    Attributes:
        server_states: of upstreams with several servers, as this process sees them; empty where it serves no calls.
    """

    server_states: Callable[[], Sequence[ServerState]] = tuple

    def __init__(self, kernel: KernelServices, snapshots: SnapshotHolder, standards: StandardSystems) -> None:
        settings, clock = kernel.settings, kernel.clock
        self.settings = settings
        self.database = kernel.database
        self.issuer = settings.public_url.rstrip("/")
        self.publisher = SnapshotPublisher(opener(kernel.secrets))
        self.live = LiveWatch(kernel.database, clock)

        self.authorizer = RoleAuthorizer()
        self.apps = AppService(self.authorizer, self.publisher, kernel.secrets, clock)
        sources = SecretSources(
            SecretFiles(settings.secrets_dir),
            VaultReader(settings.vault_url, settings.vault_token, settings.vault_namespace),
        )
        self.identity = IdentityServices(kernel, self.authorizer, self.apps, sources, lambda: self.oauth.authorizations)
        self.sessions, self.authenticator = self.identity.sessions, self.identity.authenticator
        self.projects = self.identity.projects
        self.identity.resources.register(ResourceKind.SYSTEM, system_resource)
        self.identity.resources.register(ResourceKind.APP, app_resource)

        self.components = RegisteredComponents()
        self.system_keys = SystemKeyring(kernel.database, kernel.secrets)
        self.registry = RegistryService(self.authorizer, self.system_keys)
        addresses = UpstreamPolicy(settings.allowed_upstream_origins)
        systems = ManagedSystems(self.authorizer, self.publisher)
        self.stages = StageService(systems, self.system_keys, addresses, clock)
        self.releases = ReleaseService(systems, clock)
        self.rollout, self.canaries = RolloutService(systems, clock), CanaryService(systems, clock)
        self.drafts = DraftService(systems, clock)
        self.trials = TrialService(
            self.authorizer,
            systems,
            self.drafts,
            opener(kernel.secrets),
            settings.allowed_upstream_origins,
            self.issuer,
            clock,
        )
        self.console_calls = ConsoleCallService(
            systems, opener(kernel.secrets), settings.allowed_upstream_origins, self.issuer, clock
        )
        self.usage = UsageService(systems, clock)
        self.registration = SystemRegistration(self.authorizer, self.publisher, self.system_keys, addresses, clock)
        self.imports = ImportService(
            self.registration, self.publisher, DocumentFetcher(settings.allowed_upstream_origins), clock
        )
        self.upstreams = UpstreamService(systems, kernel.secrets, addresses, clock)
        self.signing = SigningService(systems, self.system_keys, kernel.secrets, addresses, clock)
        self.back_ends, self.standard_registration = (
            BackEndService(systems, standards, self.signing, self.system_keys, addresses, clock),
            StandardRegistration(standards, systems, self.imports, self.releases),
        )
        self.manifests = ManifestService(
            systems,
            self.registration,
            self.releases,
            self.signing,
            NamedClientKeys(kernel.secrets),
            self.system_keys,
            addresses,
            clock,
        )
        self.secrets = SecretService(systems, self.authorizer, sources, kernel.secrets, clock)
        self.secret_refresher = SecretRefresher(kernel.database, systems, sources, kernel.secrets, clock)
        self.key_rotation = KeyRotationService(systems, self.authorizer, self.publisher, kernel.secrets, clock)
        self.access = AccessServices(
            kernel, self.authorizer, self.publisher, systems, addresses, self.components, self.projects
        )
        self.grants = self.access.grants
        self.explain = ExplainService(self.authorizer, self.access.rights, self.identity.resources, snapshots, clock)

        self.mcp = McpServices(self.authorizer, self.projects, kernel.database, clock)

        self.policies = PolicyService(self.authorizer, self.publisher, self.apps, clock)
        self.blueking = RegistrationServices(
            self.authorizer,
            self.publisher,
            systems,
            self.system_keys,
            addresses,
            self.rollout,
            self.upstreams,
            self.policies,
            self.grants,
            self.components,
            self.mcp.servers,
            clock,
        )

        self.keyring = SigningKeyring(kernel.secrets, clock, settings.signing_algorithm)
        self.signing_keys = SigningKeyService(
            self.authorizer,
            self.publisher,
            self.live,
            self.keyring,
            clock,
            issuer=self.issuer,
            longest=timedelta(seconds=settings.access_token_seconds),
            most=timedelta(days=settings.signing_key_days) if settings.signing_key_days else None,
        )
        self.trusted_gateways = TrustedGatewayService(
            self.authorizer,
            self.publisher,
            lambda session: keys_document(session, self.keyring, self.issuer),
            clock,
        )
        self.token_issuer = token_issuer = AccessTokenIssuer(self.issuer, clock, settings.access_token_seconds)
        self.oauth = OAuthServices(
            kernel, self.authorizer, self.publisher, self.live, self.apps, self.components, self.keyring, token_issuer
        )
        routes = GatewayRoutes(kernel.database, self.components, self.keyring, token_issuer)
        self.notices = NoticeSender(
            kernel.database, GatewayMailer(settings.notice_app, routes, settings.effective_gateway_url), clock
        )
        self.task_tokens = ServiceAppTokenMinter(kernel.database, self.keyring, token_issuer, clock)
        self.business = BusinessService(
            kernel.database,
            self.authorizer,
            self.projects,
            self.access.desk,
            BusinessReader(routes, settings.effective_gateway_url),
            clock,
        )
