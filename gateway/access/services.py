"""The services about who may call what, built once per process."""

from gateway.access.applications.service import ApplicationService
from gateway.access.grant_rules.service import GrantRulesService, Systems
from gateway.access.grants.desk import ProjectGrantDesk
from gateway.access.grants.rights import GrantRights
from gateway.access.grants.service import GrantService
from gateway.access.grants.steps import GrantSteps
from gateway.registry.component_directory import RegisteredComponents
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.projects import ProjectDirectory


class AccessServices:
    def __init__(
        self,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        systems: Systems,
        components: RegisteredComponents,
        projects: ProjectDirectory,
        clock: Clock,
    ) -> None:
        rights = GrantRights(authorizer)
        steps = GrantSteps(publisher, (), clock)
        self.grants = GrantService(rights, steps, components, publisher, clock)
        self.desk = ProjectGrantDesk(self.grants, projects, components)
        self.applications = ApplicationService(rights, steps, components, publisher)
        self.rules = GrantRulesService(systems, clock)
