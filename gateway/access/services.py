"""The services about who may call what, built once per process."""

from gateway.access.applications.service import ApplicationService
from gateway.access.catalogue.service import CatalogueService
from gateway.access.deputies.service import DeputyService
from gateway.access.grant_rules.service import GrantRulesService
from gateway.access.grants.desk import ProjectGrantDesk
from gateway.access.grants.rights import GrantRights
from gateway.access.grants.service import GrantService
from gateway.access.grants.steps import GrantSteps, StepListener
from gateway.access.notices.desk import NoticeDesk
from gateway.access.notices.listener import NoticeListener
from gateway.access.tickets.delivering import TicketSender
from gateway.access.tickets.listener import TicketListener
from gateway.access.tickets.service import TicketWebhookService
from gateway.registry.component_directory import RegisteredComponents
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.services import KernelServices


class AccessServices:
    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        systems: ManagedSystems,
        addresses: UpstreamPolicy,
        components: RegisteredComponents,
        projects: ProjectDirectory,
    ) -> None:
        clock, settings = kernel.clock, kernel.settings
        self.rights = rights = GrantRights(authorizer, clock)
        public_url = settings.public_url.rstrip("/")
        told: list[StepListener] = [TicketListener(public_url)]
        if settings.notice_app:
            told.append(NoticeListener(public_url))
        self.people_notices = NoticeDesk(sends=bool(settings.notice_app))
        steps = GrantSteps(publisher, told, clock)
        self.grants = GrantService(rights, steps, components, publisher, clock)
        self.desk = ProjectGrantDesk(self.grants, projects, components)
        self.applications = ApplicationService(rights, steps, components, publisher)
        self.rules = GrantRulesService(systems, clock)
        self.deputies = DeputyService(systems, clock)
        self.catalogue = CatalogueService(authorizer, rights, clock)
        self.tickets = TicketWebhookService(authorizer, systems, addresses, kernel.secrets, clock)
        self.ticket_sender = TicketSender(kernel.database, kernel.secrets, settings.allowed_upstream_origins, clock)
