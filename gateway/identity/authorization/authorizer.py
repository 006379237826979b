"""The one place that decides (contract `kernel.contracts.authorizer.Authorizer`)."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization import repository
from gateway.identity.authorization.deciding import beyond_credential, decide, places, settled_without_roles
from gateway.identity.authorization.explaining import explained, sentence
from gateway.identity.authorization.models import GIVEN
from gateway.identity.roles import OWNER, ROLES, actions_of, roles_allowing
from gateway.identity.users.repository import find_user
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Decision, Explanation, Reason, Resource, ResourceKind
from kernel.errors import Conflict, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind


class RoleAuthorizer:
    """Decides by roles bound to people on resources; rights on a parent reach down to its children.

    An app by itself may manage systems it is related to, and nothing else.
    """

    async def require(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> None:
        """Returns when allowed; raises PermissionDenied saying which role is missing and who can give it."""
        decision = await self._decide(session, principal, action, resource)
        if not decision.allowed:
            raise PermissionDenied((await explained(session, principal, action, resource, decision)).text)

    async def allows(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool:
        return (await self._decide(session, principal, action, resource)).allowed

    def require_credential(self, principal: Principal, action: Action, resource: Resource) -> None:
        """Raises PermissionDenied, saying what the credential is narrowed to."""
        reason = beyond_credential(principal, action, resource)
        if reason is not None:
            raise PermissionDenied(sentence(principal, action, resource, Decision(allowed=False, reason=reason)))

    async def explain(
        self, session: AsyncSession, principal: Principal, action: Action, resource: Resource
    ) -> Explanation:
        decision = await self._decide(session, principal, action, resource)
        if decision.reason is Reason.ROLE and decision.by is None:
            held = await repository.roles_on(session, principal.id, places(resource))
            decision = decide(principal, action, resource, held)
        return await explained(session, principal, action, resource, decision)

    async def resources_allowing(
        self, session: AsyncSession, principal: Principal, action: Action, kind: ResourceKind
    ) -> frozenset[str] | None:
        """Ids of the resources of `kind` on which a role bound directly allows `action`; `None` means all."""
        within = principal.confined_to
        if within is not None:
            if kind is not ResourceKind.PROJECT:
                return frozenset()
            allowed = await self.allows(session, principal, action, Resource(kind, within))
            return frozenset({within}) if allowed else frozenset()
        if await self.allows(session, principal, action, PLATFORM):
            return None
        decision = settled_without_roles(principal, action, PLATFORM)
        if decision is not None or principal.kind is not PrincipalKind.USER:
            return frozenset()
        roles = roles_allowing(kind, action)
        return frozenset(await repository.resources_of(session, principal.id, kind, roles))

    async def bind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        """Gives a role by hand; giving it twice changes nothing.

        Raises:
            Invalid: the kind of resource has no such role.
            NotFound: no such user.
        """
        if role not in ROLES[resource.kind]:
            offered = ", ".join(ROLES[resource.kind]) or "none"
            raise Invalid.field("role", f"{role} is no role on a {resource.kind}", f"Send one of: {offered}")
        if await find_user(session, username) is None:
            raise NotFound(f"There is no user {username}")
        await bind(session, principal, username, role, resource, GIVEN)

    async def unbind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        """Takes away a role that was given by hand.

        Raises:
            NotFound: the person doesn't hold it.
            Conflict: he holds it from elsewhere, where it has to go first.
        """
        if await unbind(session, principal, username, role, resource, GIVEN):
            return
        origins = [
            held.origin for held in await repository.roles_on(session, username, [resource]) if held.role == role
        ]
        if origins:
            raise Conflict(f"{username} is {role} of this {resource.kind} by {origins[0]}; it ends when it ends there")
        raise NotFound(f"{username} is not {role} of this {resource.kind}")

    async def _decide(
        self, session: AsyncSession, principal: Principal, action: Action, resource: Resource
    ) -> Decision:
        if principal.kind is PrincipalKind.APP:
            related = await _related(session, principal, action, resource)
            return Decision(allowed=related, reason=Reason.RELATED_APP if related else _why_no_app(resource))
        settled = settled_without_roles(principal, action, resource)
        if settled is not None:
            return settled
        held = await repository.roles_on(session, principal.id, places(resource))
        return decide(principal, action, resource, held)


async def bind(
    session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource, origin: str
) -> None:
    """Binds a role from `origin`, unless it is bound from there already."""
    if await repository.add(session, username, role, resource, origin, principal.id):
        _audit(session, principal, "role.bound", username, role, resource, origin)


async def unbind(
    session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource, origin: str
) -> bool:
    """Takes away a role that came from `origin`; false when it didn't."""
    removed = await repository.remove(session, username, role, resource, origin)
    if removed:
        _audit(session, principal, "role.unbound", username, role, resource, origin)
    return removed


async def _related(session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool:
    if resource.kind is not ResourceKind.SYSTEM or action not in actions_of(ResourceKind.SYSTEM, OWNER):
        return False
    return await repository.find_related(session, resource.id, principal.id) is not None


def _why_no_app(resource: Resource) -> Reason:
    return Reason.APP_NOT_RELATED if resource.kind is ResourceKind.SYSTEM else Reason.NO_PERSON


def _audit(
    session: AsyncSession,
    principal: Principal,
    action: str,
    username: str,
    role: str,
    resource: Resource,
    origin: str,
) -> None:
    change = {"username": username, "role": role} | ({"origin": origin} if origin != GIVEN else {})
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
