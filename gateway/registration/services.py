"""The services behind BlueKing's registration API, built once per process."""

from gateway.access.grants.catalogue import ComponentCatalogue
from gateway.access.grants.service import GrantService
from gateway.mcp.servers.service import McpServerService
from gateway.policies.service import PolicyService
from gateway.registration.compatibility import CompatibilityService
from gateway.registration.mcp_servers import McpServerRegistration
from gateway.registration.permissions import PermissionRegistration
from gateway.registration.related_apps import RelatedAppService
from gateway.registration.resources import ResourceRegistration
from gateway.registration.service import GatewayRegistration
from gateway.registration.stages import StageRegistration
from gateway.registration.versions import VersionRegistration
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.signing.keyring import SystemKeyring
from gateway.registry.stages.rollout import RolloutService
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.service import UpstreamService
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer


class RegistrationServices:
    def __init__(
        self,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        systems: ManagedSystems,
        keyring: SystemKeyring,
        addresses: UpstreamPolicy,
        rollout: RolloutService,
        upstreams: UpstreamService,
        policies: PolicyService,
        grants: GrantService,
        components: ComponentCatalogue,
        mcp_servers: McpServerService,
        clock: Clock,
    ) -> None:
        self.gateways = GatewayRegistration(authorizer, publisher, systems, keyring, clock)
        self.related_apps = RelatedAppService(systems, clock)
        self.compatibility = CompatibilityService(systems, authorizer)
        self.stages = StageRegistration(systems, keyring, upstreams, policies, addresses, clock)
        self.resources = ResourceRegistration(systems, clock)
        self.versions = VersionRegistration(systems, rollout, clock)
        self.permissions = PermissionRegistration(systems, grants, components, clock)
        self.mcp_servers = McpServerRegistration(systems, mcp_servers)
