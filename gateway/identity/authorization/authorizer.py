"""The one place that decides (contract `kernel.contracts.authorizer.Authorizer`)."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization import repository
from gateway.identity.roles import EVERYBODY, LAUNCHER_OF_TASK, OWNER, ROLES, actions_of, roles_allowing
from gateway.identity.users.repository import find_user
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Resource, ResourceKind
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind

_NAMED_HOLDERS = 3


class RoleAuthorizer:
    """Decides by roles bound to people on resources; rights on a parent reach down to its children.

    An app by itself may manage systems it is related to, and nothing else.
    """

    async def require(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> None:
        """Returns when allowed; raises PermissionDenied saying which role is missing and who can give it."""
        if not await self.allows(session, principal, action, resource):
            raise PermissionDenied(await _explain(session, principal, action, resource))

    async def allows(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool:
        if principal.is_admin:
            return True
        if principal.kind is PrincipalKind.APP:
            return await _related(session, principal, action, resource)
        if principal.kind is not PrincipalKind.USER:
            return False
        if action in EVERYBODY:
            return True
        if resource.created_by == principal.id and resource.kind is ResourceKind.TASK and action in LAUNCHER_OF_TASK:
            return True
        bound = await repository.roles_on(session, principal.id, _places(resource))
        return any(action in actions_of(ResourceKind(kind), role) for kind, role in bound)

    async def resources_allowing(
        self, session: AsyncSession, principal: Principal, action: Action, kind: ResourceKind
    ) -> frozenset[str] | None:
        """Ids of the resources of `kind` on which a role bound directly allows `action`; `None` means all."""
        if principal.is_admin or await self.allows(session, principal, action, PLATFORM):
            return None
        if principal.kind is not PrincipalKind.USER:
            return frozenset()
        roles = roles_allowing(kind, action)
        return frozenset(await repository.resources_of(session, principal.id, kind, roles))

    async def bind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        """Gives a role; giving it twice changes nothing.

        Raises:
            Invalid: the kind of resource has no such role.
            NotFound: no such user.
        """
        if role not in ROLES[resource.kind]:
            offered = ", ".join(ROLES[resource.kind]) or "none"
            raise Invalid.field("role", f"{role} is no role on a {resource.kind}", f"Send one of: {offered}")
        if await find_user(session, username) is None:
            raise NotFound(f"There is no user {username}")
        if await repository.add(session, username, role, resource):
            _audit(session, principal, "role.bound", username, role, resource)

    async def unbind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        """Takes a role away; raises NotFound when the person doesn't hold it."""
        if not await repository.remove(session, username, role, resource):
            raise NotFound(f"{username} is not {role} of this {resource.kind}")
        _audit(session, principal, "role.unbound", username, role, resource)


async def _related(session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool:
    if resource.kind is not ResourceKind.SYSTEM or action not in actions_of(ResourceKind.SYSTEM, OWNER):
        return False
    return await repository.find_related(session, resource.id, principal.id) is not None


def _places(resource: Resource) -> list[Resource]:
    places = [PLATFORM, resource]
    for parent in resource.parents:
        places.extend(place for place in _places(parent) if place not in places)
    return places


async def _explain(session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> str:
    if principal.kind is PrincipalKind.APP and resource.kind is ResourceKind.SYSTEM:
        return f"The app {principal.id} is not related to {resource.id}; have its owner or a related app add it"
    if principal.kind is not PrincipalKind.USER:
        return f"{action} needs a person; the {principal.kind} {principal.id} has no roles"
    for place in reversed(_places(resource)):
        roles = roles_allowing(place.kind, action)
        if not roles:
            continue
        where = "the platform" if place.kind is ResourceKind.PLATFORM else f"the {place.kind} {place.id}"
        askable = await repository.holders(session, place, ("owner", "maintainer", "admin"), _NAMED_HOLDERS)
        whom = f"ask {', '.join(askable)}" if askable else "ask an administrator"
        return f"{action} needs the role {' or '.join(roles)} on {where}, which {principal.id} does not hold; {whom}"
    return f"{action} is for administrators; {principal.id} is none"


def _audit(
    session: AsyncSession, principal: Principal, action: str, username: str, role: str, resource: Resource
) -> None:
    change = {"username": username, "role": role}
    gained = action == "role.bound"
    record(
        session,
        principal,
        action,
        resource.kind.value,
        resource.id,
        before=None if gained else change,
        after=change if gained else None,
        project_id=resource.id if resource.kind is ResourceKind.PROJECT else None,
    )
