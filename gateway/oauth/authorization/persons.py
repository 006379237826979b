"""Who sits at the browser."""

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.sessions.service import COOKIE
from gateway.oauth.authorization.standing import SignedInPerson
from gateway.services import GatewayServices
from kernel.errors import NotAuthenticated
from kernel.http.client_address import client_address
from kernel.principal import Principal, PrincipalKind


async def person_at(request: Request, session: AsyncSession, gateway: GatewayServices) -> SignedInPerson | None:
    """By the session cookie alone: a token stands for no person who could be asked."""
    cookie = request.cookies.get(COOKIE)
    if not cookie or "authorization" in request.headers:
        return None
    found = await gateway.sessions.find(session, cookie)
    if found is None or found.user.must_change_password:
        return None
    return SignedInPerson(found.user.username, found.session.created_at)


async def required_person(request: Request, session: AsyncSession, gateway: GatewayServices) -> SignedInPerson:
    """Raises NotAuthenticated when nobody is signed in."""
    person = await person_at(request, session, gateway)
    if person is None:
        raise NotAuthenticated("Only a person who is signed in can answer this, in his browser")
    return person


def principal_of(username: str, request: Request, gateway: GatewayServices) -> Principal:
    """The person as the audit log names him; empty for nobody."""
    return Principal(
        kind=PrincipalKind.USER,
        id=username,
        ip=client_address(request, frozenset(gateway.settings.trusted_proxies)),
        request_id=getattr(request.state, "request_id", ""),
    )
