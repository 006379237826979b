"""Who may ask and who may decide."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import app_codes_of_projects
from gateway.access.apps.service import app_resource
from gateway.access.deputies.models import Deputy
from gateway.access.deputies.repository import deputy_now, systems_deputised
from gateway.access.grant_rules.repository import rules_of
from gateway.access.grants.models import Grant
from gateway.access.grants.repository import Visible
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind


class GrantRights:
    """Applicants are those who manage the app, deciders those whom the `Authorizer` lets decide on the system, and
    their deputies while they are.
    """

    def __init__(self, authorizer: Authorizer, clock: Clock) -> None:
        self._authorizer = authorizer
        self._clock = clock

    async def decides(self, session: AsyncSession, principal: Principal, system: str) -> bool:
        resource = Resource(ResourceKind.SYSTEM, system)
        if await self._authorizer.allows(session, principal, Action.GRANT_DECIDE, resource):
            return True
        return system in await self._deputised(session, principal)

    async def require_decider(self, session: AsyncSession, principal: Principal, system: str) -> None:
        """Raises PermissionDenied."""
        if system not in await self._deputised(session, principal):
            resource = Resource(ResourceKind.SYSTEM, system)
            await self._authorizer.require(session, principal, Action.GRANT_DECIDE, resource)

    async def deputy(self, session: AsyncSession, principal: Principal, system: str) -> Deputy | None:
        """As whom the principal decides in an owner's place; a credential that is narrowed stays so."""
        if not _may_deputise(principal):
            return None
        return await deputy_now(session, system, principal.id, self._clock.now())

    async def require_applicant(self, session: AsyncSession, principal: Principal, app_code: str) -> None:
        """Raises PermissionDenied."""
        place = await app_resource(session, app_code) or Resource(ResourceKind.APP, app_code)
        await self._authorizer.require(session, principal, Action.APP_MANAGE, place)

    async def require_either(self, session: AsyncSession, principal: Principal, grant: Grant) -> None:
        """What applicants and deciders may both see. Raises PermissionDenied."""
        if not await self.decides(session, principal, grant.system):
            await self.require_applicant(session, principal, grant.app_code)

    async def require_other_person(self, session: AsyncSession, principal: Principal, grants: Iterable[Grant]) -> None:
        """Nobody approves what he applied for himself, unless the system's rules allow it; administrators may.

        Raises:
            PermissionDenied: he would.
        """
        for system in {grant.system for grant in grants if grant.applied_by == principal.id}:
            if not principal.is_admin and not (await rules_of(session, system)).self_approval:
                raise PermissionDenied(
                    f"{principal.id} applied for this himself, and {system} asks for another person's approval; have "
                    "another owner or a deputy decide, or let the system's grant rules allow self-approval",
                    code="self_approval",
                )

    async def visible(self, session: AsyncSession, principal: Principal) -> Visible:
        """Those of apps the principal manages and of systems he decides on."""
        return Visible(await self._apps(session, principal), await self._systems(session, principal))

    async def visible_to_applicant(self, session: AsyncSession, principal: Principal) -> Visible:
        return Visible(await self._apps(session, principal), frozenset())

    async def visible_to_decider(self, session: AsyncSession, principal: Principal) -> Visible:
        return Visible(frozenset(), await self._systems(session, principal))

    async def _apps(self, session: AsyncSession, principal: Principal) -> frozenset[str] | None:
        allowing = self._authorizer.resources_allowing
        apps = await allowing(session, principal, Action.APP_MANAGE, ResourceKind.APP)
        if apps is None:
            return None
        projects = await allowing(session, principal, Action.APP_MANAGE, ResourceKind.PROJECT)
        return apps | frozenset(await app_codes_of_projects(session, projects or ()))

    async def _systems(self, session: AsyncSession, principal: Principal) -> frozenset[str] | None:
        allowing = self._authorizer.resources_allowing
        systems = await allowing(session, principal, Action.GRANT_DECIDE, ResourceKind.SYSTEM)
        return systems if systems is None else systems | await self._deputised(session, principal)

    async def _deputised(self, session: AsyncSession, principal: Principal) -> frozenset[str]:
        """The systems of those who named the person; a credential that is narrowed stays so."""
        if not _may_deputise(principal):
            return frozenset()
        return frozenset(await systems_deputised(session, principal.id, self._clock.now()))


def _may_deputise(principal: Principal) -> bool:
    return principal.kind is PrincipalKind.USER and not principal.is_narrowed
