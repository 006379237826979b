from collections import defaultdict
from typing import Final, Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization import repository as bindings
from gateway.identity.projects.models import Project
from gateway.identity.projects.repository import find_project, projects_of, projects_page
from gateway.identity.role_bindings.service import RoleBindingService, roles_of_people
from gateway.identity.users.models import User
from gateway.identity.users.repository import people_named
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.contracts.projects import ProjectSummary
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal

SERVICE_APP_PREFIX = "svc-"
MOST_OFFERED: Final = 20
SHORTEST_SEARCH: Final = 2


class ServiceApps(Protocol):
    """Makes the app a project's tasks act as: implemented by gateway.access."""

    async def create_service_app(
        self, session: AsyncSession, principal: Principal, app_code: str, project_id: str, name: str
    ) -> None: ...


class ProjectService:
    """Projects and their members; also the contract `kernel.contracts.projects.ProjectDirectory`."""

    def __init__(self, authorizer: Authorizer, roles: RoleBindingService, service_apps: ServiceApps) -> None:
        self._authorizer = authorizer
        self._roles = roles
        self._service_apps = service_apps

    async def create(
        self, session: AsyncSession, principal: Principal, *, code: str, name: str, description: str
    ) -> Project:
        """A new project, owned by its founder, with its service app.

        Raises:
            Conflict: the code is taken.
        """
        await self._authorizer.require(session, principal, Action.PROJECT_CREATE, PLATFORM)
        if await find_project(session, code) is not None:
            raise _taken(code)
        project = Project(
            code=code,
            name=name,
            description=description,
            service_app_code=SERVICE_APP_PREFIX + code,
            created_by=principal.id,
        )
        session.add(project)
        try:
            await session.flush()
        except IntegrityError as error:  # somebody else was quicker
            raise _taken(code) from error
        record(
            session,
            principal,
            "project.created",
            "project",
            project.id,
            after={"code": code, "name": name},
            project_id=project.id,
        )
        await self._authorizer.bind_role(session, principal, principal.id, "owner", resource_of(project))
        await self._service_apps.create_service_app(session, principal, project.service_app_code, project.id, name)
        return project

    async def get(self, session: AsyncSession, principal: Principal, id_or_code: str) -> Project:
        """Raises NotFound, and PermissionDenied for those who hold no role in it."""
        project = await self.existing(session, id_or_code)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, resource_of(project))
        return project

    async def browse(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[Project]:
        """Those the caller may see."""
        visible = await self._authorizer.resources_allowing(
            session, principal, Action.PROJECT_VIEW, ResourceKind.PROJECT
        )
        return await projects_page(session, visible, page)

    async def memberships(self, session: AsyncSession, username: str) -> list[tuple[Project, list[str]]]:
        """The projects in which a person holds roles, with these."""
        roles: defaultdict[str, list[str]] = defaultdict(list)
        for binding in await bindings.bindings_of(session, username, ResourceKind.PROJECT):
            if binding.role not in roles[binding.resource_id]:
                roles[binding.resource_id].append(binding.role)
        return [(project, roles[project.id]) for project in await projects_of(session, roles)]

    async def members(self, session: AsyncSession, principal: Principal, id_or_code: str) -> dict[str, list[str]]:
        """User name → roles."""
        project = await self.get(session, principal, id_or_code)
        return await self._members(session, project)

    async def people(
        self, session: AsyncSession, principal: Principal, id_or_code: str, search: str
    ) -> list[tuple[User, bool]]:
        """Whom a field for people offers, and whether each is a member of the project; members come first.

        Nobody reads the list of all users by it: without a search of some letters there are members alone.
        """
        project = await self.get(session, principal, id_or_code)
        only = len(search) < SHORTEST_SEARCH
        return await people_named(session, search, resource_of(project), MOST_OFFERED, members_only=only)

    async def set_member(
        self, session: AsyncSession, principal: Principal, id_or_code: str, username: str, roles: frozenset[str]
    ) -> dict[str, list[str]]:
        """Makes `roles` those that the person holds in the project by hand; none removes him.

        Raises:
            Invalid: an unknown role.
            Conflict: the project would have no owner left.
        """
        project = await self.existing(session, id_or_code)
        await self._roles.set_roles(session, principal, resource_of(project), username, roles)
        return await self._members(session, project)

    async def find(self, session: AsyncSession, id_or_code: str) -> ProjectSummary:
        """Raises NotFound."""
        project = await self.existing(session, id_or_code)
        return ProjectSummary(project.id, project.code, project.name, project.service_app_code)

    async def existing(self, session: AsyncSession, id_or_code: str) -> Project:
        """Raises NotFound; asks for no permission."""
        if "\0" in id_or_code:
            raise Invalid.field("project", "is no id or code")
        project = await find_project(session, id_or_code)
        if project is None:
            raise NotFound(f"There is no project {id_or_code}")
        return project

    async def _members(self, session: AsyncSession, project: Project) -> dict[str, list[str]]:
        people = await roles_of_people(session, resource_of(project))
        return {username: list(dict.fromkeys(held.role for held in roles)) for username, roles in people.items()}


def _taken(code: str) -> Conflict:
    return Conflict(f"The project code {code} is taken")


def resource_of(project: Project) -> Resource:
    return Resource(ResourceKind.PROJECT, project.id)
