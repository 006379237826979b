from collections import defaultdict
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization import repository
from gateway.identity.authorization.models import GIVEN
from gateway.identity.resources import ResourceDirectory
from gateway.identity.roles import OWNER, ROLES, actions_of
from gateway.identity.users.repository import active_administrators, lock_administrators
from kernel.contracts.authorizer import Action, Authorizer, HeldRole, Resource, ResourceKind
from kernel.errors import Conflict, Invalid, PermissionDenied
from kernel.principal import Principal

SEEING: Final = MappingProxyType(
    {
        ResourceKind.PLATFORM: Action.PLATFORM_ADMINISTER,
        ResourceKind.SYSTEM: Action.SYSTEM_MANAGE,
        ResourceKind.APP: Action.APP_MANAGE,
        ResourceKind.PROJECT: Action.PROJECT_VIEW,
        ResourceKind.FLOW: Action.FLOW_VIEW,
        ResourceKind.MINI_APP: Action.FLOW_VIEW,
        ResourceKind.TASK: Action.TASK_VIEW,
    }
)
"""What whoever sees the roles on a resource may do there."""

GIVING: Final = MappingProxyType(
    {
        ResourceKind.PLATFORM: Action.PLATFORM_ADMINISTER,
        ResourceKind.SYSTEM: Action.SYSTEM_MANAGE,
        ResourceKind.APP: Action.APP_MANAGE,
        ResourceKind.PROJECT: Action.PROJECT_MANAGE,
        ResourceKind.FLOW: Action.FLOW_SHARE,
        ResourceKind.MINI_APP: Action.FLOW_SHARE,
        ResourceKind.TASK: Action.FLOW_SHARE,
    }
)
"""What whoever gives roles on a resource may do there; and nobody gives more than he has himself."""

_NEED_OWNER = frozenset({ResourceKind.SYSTEM, ResourceKind.APP, ResourceKind.PROJECT})


class RoleBindingService:
    """The roles people hold on one resource, given and taken by hand."""

    def __init__(self, authorizer: Authorizer, resources: ResourceDirectory) -> None:
        self._authorizer = authorizer
        self._resources = resources

    async def browse(
        self, session: AsyncSession, principal: Principal, resource_text: str
    ) -> tuple[Resource, dict[str, list[HeldRole]]]:
        """User name → roles, with where each comes from."""
        resource = await self._resources.find(session, resource_text)
        await self._authorizer.require(session, principal, SEEING[resource.kind], resource)
        return resource, await roles_of_people(session, resource)

    async def set_by_name(
        self, session: AsyncSession, principal: Principal, resource_text: str, username: str, roles: frozenset[str]
    ) -> list[HeldRole]:
        """As `set_roles`, on a resource as people write it."""
        resource = await self._resources.find(session, resource_text)
        return await self.set_roles(session, principal, resource, username, roles)

    async def set_roles(
        self, session: AsyncSession, principal: Principal, resource: Resource, username: str, roles: frozenset[str]
    ) -> list[HeldRole]:
        """Makes `roles` those that the person holds by hand; what he holds from elsewhere stays.

        Raises:
            Invalid: an unknown role.
            PermissionDenied: the caller would give or take rights that he lacks himself.
            Conflict: nobody would be left to look after the resource.
        """
        await self._authorizer.require(session, principal, GIVING[resource.kind], resource)
        _require_known(resource, roles)
        # Two owners who remove each other at once must not both succeed.
        await _lock(session, resource)
        given = {held.role for held in await repository.roles_on(session, username, [resource]) if held.origin == GIVEN}
        for role in sorted(roles ^ given):
            await self._require_no_more_than_own(session, principal, resource, role)
        for role in sorted(roles - given):
            await self._authorizer.bind_role(session, principal, username, role, resource)
        for role in sorted(given - roles):
            await self._authorizer.unbind_role(session, principal, username, role, resource)
        if given - roles:
            await _require_keeper(session, resource)
        return await repository.roles_on(session, username, [resource])

    async def _require_no_more_than_own(
        self, session: AsyncSession, principal: Principal, resource: Resource, role: str
    ) -> None:
        for action in sorted(actions_of(resource.kind, role)):
            explanation = await self._authorizer.explain(session, principal, action, resource)
            if not explanation.decision.allowed:
                raise PermissionDenied(f"Who gives or takes the role {role} needs its rights: {explanation.text}")


async def roles_of_people(session: AsyncSession, resource: Resource) -> dict[str, list[HeldRole]]:
    people: defaultdict[str, list[HeldRole]] = defaultdict(list)
    for binding in await repository.bindings_on(session, resource):
        people[binding.username].append(repository.held(binding))
    return dict(people)


def _require_known(resource: Resource, roles: frozenset[str]) -> None:
    offered = ROLES[resource.kind]
    for role in sorted(roles):
        if role not in offered:
            raise Invalid.field(
                "roles", f"{role} is no role on a {resource.kind}", f"Send some of: {', '.join(offered)}"
            )


async def _lock(session: AsyncSession, resource: Resource) -> None:
    if resource.kind is ResourceKind.PLATFORM:
        await lock_administrators(session)
    await repository.lock_bindings(session, resource)


async def _require_keeper(session: AsyncSession, resource: Resource) -> None:
    """Somebody looks after the resource still, where its kind has such a role."""
    if resource.kind is ResourceKind.PLATFORM and not await active_administrators(session):
        raise Conflict("The platform would have no administrator; make somebody else administrator first")
    if resource.kind in _NEED_OWNER and not await repository.holders(session, resource, (OWNER,), 1):
        raise Conflict(f"The {resource.kind} would have no owner; make somebody else owner first")
