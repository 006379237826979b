"""A decision in words: what is missing, and whom to ask."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.authorization import repository
from gateway.identity.authorization.deciding import places
from gateway.identity.authorization.models import CMDB, IDENTITY_PROVIDER
from gateway.identity.projects.models import Project
from gateway.identity.roles import roles_allowing
from kernel.contracts.authorizer import Action, Decision, Explanation, HeldRole, Reason, Resource, ResourceKind
from kernel.principal import Principal

_NAMED = 3
_GIVERS = ("owner", "maintainer", "admin")


async def explained(
    session: AsyncSession, principal: Principal, action: Action, resource: Resource, decision: Decision
) -> Explanation:
    if decision.reason is Reason.ROLE_MISSING:
        return await _missing_role(session, principal, action, resource, decision)
    if decision.by is not None:
        return Explanation(decision, f"{principal.id} is {await _held(session, decision.by)}")
    return Explanation(decision, sentence(principal, action, resource, decision))


def sentence(principal: Principal, action: Action, resource: Resource, decision: Decision) -> str:
    """Of a decision without a role that is held or missing somewhere."""
    sentences = {
        Reason.EVERYBODY: f"everybody who is signed in may {action}",
        Reason.OWN_TASK: f"{principal.id} launched this task",
        Reason.RELATED_APP: f"the app {principal.id} is related to the system {resource.id}",
        Reason.PRODUCT: "a part of the product itself does this",
        Reason.TOKEN_TOO_NARROW: (
            f"{action} is not among what this API token is narrowed to ({', '.join(sorted(principal.scopes or ()))}); "
            f"use one with the scope {action.value.partition('.')[0]}"
        ),
        Reason.OTHER_PROJECT: "this API token counts in another project only; use one that is not confined to it",
        Reason.APP_NOT_RELATED: (
            f"The app {principal.id} is not related to {resource.id}; have its owner or a related app add it"
        ),
        Reason.NO_PERSON: f"{action} needs a person; the {principal.kind} {principal.id} has no roles",
    }
    return sentences.get(decision.reason, f"{principal.id} is administrator")


async def _held(session: AsyncSession, by: HeldRole) -> str:
    return f"{by.role} of {await _named(session, by.resource)} ({_origin(by)})"


def _origin(by: HeldRole) -> str:
    if by.origin == CMDB:
        return "synchronised from the CMDB"
    if by.origin.startswith(IDENTITY_PROVIDER):
        return f"from the identity provider {by.origin.removeprefix(IDENTITY_PROVIDER)}"
    return f"given by {by.given_by}" if by.given_by else "given by hand"


async def _named(session: AsyncSession, place: Resource) -> str:
    """As people know it; ids of projects are seen nowhere."""
    if place.kind is ResourceKind.PLATFORM:
        return "the platform"
    project = await session.get(Project, place.id) if place.kind is ResourceKind.PROJECT else None
    return f"the {place.kind} {place.id if project is None else project.name}"


async def _missing_role(
    session: AsyncSession, principal: Principal, action: Action, resource: Resource, decision: Decision
) -> Explanation:
    for place in _nearest(resource):
        roles = roles_allowing(place.kind, action)
        if not roles:
            continue
        ask = await repository.holders(session, place, _GIVERS, _NAMED)
        whom = f"ask {', '.join(ask)}" if ask else "ask an administrator"
        needed = f"{action} needs the role {' or '.join(roles)} on {await _named(session, place)}"
        text = f"{needed}, which {principal.id} does not hold; {whom}"
        return Explanation(decision, text, roles, place, tuple(ask))
    return Explanation(decision, f"{action} is for administrators; {principal.id} is none")


def _nearest(resource: Resource) -> list[Resource]:
    """Where a role would do, the widest place short of the platform first: people ask for a project's roles."""
    return list(reversed(places(resource)))
