"""Applications on behalf of a project (contract `kernel.contracts.grant_desk.GrantDesk`)."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import grants_for
from gateway.access.grants.service import DEFAULT_DAYS, GrantService
from kernel.contracts.components import ComponentDirectory
from kernel.contracts.grant_desk import GrantSummary
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.principal import Principal


class ProjectGrantDesk:
    """Files what a project's service app still lacks. The caller has checked the right to install."""

    def __init__(self, grants: GrantService, projects: ProjectDirectory, components: ComponentDirectory) -> None:
        self._grants = grants
        self._projects = projects
        self._components = components

    async def apply_for_components(
        self, session: AsyncSession, principal: Principal, project_id: str, components: Iterable[str], reason: str
    ) -> list[GrantSummary]:
        """See the contract; raises Invalid when a component isn't registered."""
        project = await self._projects.find(session, project_id)
        app = await find_app(session, project.service_app_code, for_update=True)
        if app is None:
            raise NotFound(f"The project {project.code} has lost its service app")
        wanted: defaultdict[str, list[str | None]] = defaultdict(list)
        problems: list[FieldProblem] = []
        for name in dict.fromkeys(components):
            system, _, component = name.partition(".")
            found = await self._components.find(session, system, component)
            if found is None:
                problems.append(
                    FieldProblem("components", f"there is no component {name}", "Register its system first")
                )
            else:
                wanted[found.system].append(found.name)
        if problems:
            raise Invalid("; ".join(problem.problem for problem in problems[:5]), fields=problems)
        found_grants: dict[str, Grant] = {}
        for system, names in wanted.items():
            filed = await self._grants.file(session, principal, app, system, names, reason, DEFAULT_DAYS)
            found_grants |= {grant.id: grant for grant in filed}
        return [self._summary(grant) for grant in found_grants.values()]

    async def grants_for_components(
        self, session: AsyncSession, project_id: str, components: Iterable[str]
    ) -> list[GrantSummary]:
        """See the contract; a grant on a whole system stands for its components."""
        project = await self._projects.find(session, project_id)
        wanted: defaultdict[str, set[str | None]] = defaultdict(lambda: {None})
        for name in components:
            system, _, component = name.partition(".")
            wanted[system].add(component)
        newest: dict[tuple[str, str | None], Grant] = {}
        for system, names in wanted.items():
            for grant in await grants_for(session, project.service_app_code, system):
                if grant.component in names:
                    newest.setdefault((system, grant.component), grant)
        return [self._summary(grant) for grant in newest.values()]

    def _summary(self, grant: Grant) -> GrantSummary:
        return GrantSummary(
            id=grant.id,
            app_code=grant.app_code,
            system=grant.system,
            component=grant.component,
            state=self._grants.state_of(grant).value,
            expires_at=grant.expires_at,
        )
