"""People who have proved elsewhere who they are: found here, or given an account."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.fields import USERNAME
from gateway.identity.authorization.authorizer import bind, unbind
from gateway.identity.authorization.repository import bindings_from
from gateway.identity.projects.repository import find_project
from gateway.identity.providers.models import ForeignIdentity
from gateway.identity.providers.repository import find_identity
from gateway.identity.providers.role_rules import MappedRole
from gateway.identity.users.models import User
from gateway.identity.users.repository import find_user
from gateway.identity.users.service import add_user
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Resource, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who stands at the door, on the word of somebody we trust.

    Attributes:
        username: the name the account gets if it is made now.
        origin: of the roles below, in role bindings; empty where none are told.
        roles: those he holds by that word, now; what he held by it before and is not among them ends.
    """

    issuer: str
    subject: str
    username: str
    display_name: str = ""
    email: str = ""
    creates_user: bool = True
    origin: str = ""
    roles: frozenset[MappedRole] = field(default_factory=frozenset)


class ForeignIdentityService:
    """A person is known by issuer and subject alone: an account of the same name or address is never taken for his."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def admit(self, session: AsyncSession, arrival: Arrival, *, ip: str | None, request_id: str) -> User:
        """The active account of whoever arrived, with the roles that come with him.

        Raises:
            PermissionDenied: he has none and gets none, it is disabled, or his name is somebody else's.
        """
        identity = await find_identity(session, arrival.issuer, arrival.subject)
        if identity is None:
            identity = await self._first_time(session, arrival, ip=ip, request_id=request_id)
        user = await find_user(session, identity.username)
        if user is None or not user.is_active:
            raise PermissionDenied(f"The account {identity.username} is disabled", code="account_disabled")
        identity.last_sign_in_at = self._clock.now()
        session.add(identity)
        if arrival.origin:
            principal = Principal(PrincipalKind.SYSTEM, arrival.origin, is_admin=True, ip=ip, request_id=request_id)
            await self._reconcile(session, principal, user.username, arrival)
        return user

    async def _first_time(
        self, session: AsyncSession, arrival: Arrival, *, ip: str | None, request_id: str
    ) -> ForeignIdentity:
        if not arrival.creates_user:
            raise PermissionDenied(
                "You have no account here; ask an administrator to make one and link it", code="no_account"
            )
        if re.fullmatch(USERNAME, arrival.username) is None:
            raise PermissionDenied(
                "Your name there can't be a user name here; ask an administrator to make an account and link it",
                code="no_account",
            )
        if await find_user(session, arrival.username) is not None:
            raise PermissionDenied(
                f"There is an account {arrival.username} here that isn't linked to you; if it is yours, ask an "
                "administrator to link it",
                code="account_not_linked",
            )
        principal = Principal(PrincipalKind.USER, arrival.username, ip=ip, request_id=request_id)
        user = User(
            username=arrival.username,
            display_name=(arrival.display_name or arrival.username)[:200],
            email=arrival.email[:200],
        )
        await add_user(session, principal, user)
        return link(session, principal, arrival.issuer, arrival.subject, arrival.username)

    async def _reconcile(self, session: AsyncSession, principal: Principal, username: str, arrival: Arrival) -> None:
        wanted = {(each.role, place) for each in arrival.roles for place in await _places(session, each)}
        held = {
            (binding.role, Resource(ResourceKind(binding.resource_kind), binding.resource_id))
            for binding in await bindings_from(session, username, arrival.origin)
        }
        for role, place in _sorted(wanted - held):
            await bind(session, principal, username, role, place, arrival.origin)
        for role, place in _sorted(held - wanted):
            await unbind(session, principal, username, role, place, arrival.origin)


def link(session: AsyncSession, principal: Principal, issuer: str, subject: str, username: str) -> ForeignIdentity:
    identity = ForeignIdentity(issuer=issuer, subject=subject, username=username)
    session.add(identity)
    record(session, principal, "user.identity_linked", "user", username, after={"issuer": issuer, "subject": subject})
    return identity


async def _places(session: AsyncSession, role: MappedRole) -> list[Resource]:
    """Where the role is held; nowhere as long as there is no such project."""
    if role.project is None:
        return [PLATFORM]
    project = await find_project(session, role.project)
    return [Resource(ResourceKind.PROJECT, project.id)] if project is not None else []


def _sorted(roles: Iterable[tuple[str, Resource]]) -> list[tuple[str, Resource]]:
    return sorted(roles, key=lambda each: (each[1].kind, each[1].id, each[0]))
