"""Who may do what, decided from the roles he holds. Pure."""

from collections.abc import Sequence

from gateway.identity.authorization.token_scopes import scopes_cover
from gateway.identity.roles import EVERYBODY, LAUNCHER_OF_TASK, actions_of
from kernel.contracts.authorizer import PLATFORM, Action, Decision, HeldRole, Reason, Resource, ResourceKind
from kernel.principal import Principal, PrincipalKind


def decide(principal: Principal, action: Action, resource: Resource, held: Sequence[HeldRole]) -> Decision:
    """Args:
    held: the roles of the principal on `places(resource)`.
    """
    settled = settled_without_roles(principal, action, resource)
    if settled is not None and settled.reason is not Reason.ROLE:
        return settled
    for each in held:
        if action in actions_of(each.resource.kind, each.role):
            return Decision(allowed=True, reason=Reason.ROLE, by=each)
    return settled or Decision(allowed=False, reason=Reason.ROLE_MISSING)


def settled_without_roles(principal: Principal, action: Action, resource: Resource) -> Decision | None:
    """The decision where no role needs to be looked up; `None` where roles decide.

    What a credential is narrowed to binds administrators too.
    """
    narrowed = beyond_credential(principal, action, resource)
    if narrowed is not None:
        return Decision(allowed=False, reason=narrowed)
    if principal.is_admin:
        return Decision(allowed=True, reason=Reason.PRODUCT if principal.kind is PrincipalKind.SYSTEM else Reason.ROLE)
    if principal.kind is not PrincipalKind.USER:
        return Decision(allowed=False, reason=Reason.NO_PERSON)
    if action in EVERYBODY:
        return Decision(allowed=True, reason=Reason.EVERYBODY)
    if resource.kind is ResourceKind.TASK and resource.created_by == principal.id and action in LAUNCHER_OF_TASK:
        return Decision(allowed=True, reason=Reason.OWN_TASK)
    return None


def beyond_credential(principal: Principal, action: Action, resource: Resource) -> Reason | None:
    """Why the credential is narrowed to less than this; `None` when it is not."""
    if principal.scopes is not None and not scopes_cover(principal.scopes, action):
        return Reason.TOKEN_TOO_NARROW
    if principal.confined_to is not None and not _within(resource, principal.confined_to):
        return Reason.OTHER_PROJECT
    return None


def places(resource: Resource) -> list[Resource]:
    """Where a role counts for `resource`: there, on what it lies in, on the platform. The platform first."""
    found = [PLATFORM, resource] if resource != PLATFORM else [PLATFORM]
    for parent in resource.parents:
        found.extend(place for place in places(parent) if place not in found)
    return found


def _within(resource: Resource, project_id: str) -> bool:
    return any(place.kind is ResourceKind.PROJECT and place.id == project_id for place in places(resource))
