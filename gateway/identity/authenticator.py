"""Who is at the door of the management API (contract `kernel.contracts.authenticator.Authenticator`)."""

import hmac

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from gateway.identity.api_tokens.service import PREFIX, ApiTokenService
from gateway.identity.sessions.service import COOKIE, SessionService
from gateway.identity.users.models import User
from kernel.errors import NotAuthenticated, PermissionDenied
from kernel.http.client_address import client_address
from kernel.principal import Principal, PrincipalKind

CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="trunkline"'}


class SessionOrTokenAuthenticator:
    """A bearer API token, or a session cookie; the cookie needs its CSRF token on changing calls."""

    def __init__(
        self, sessions: SessionService, api_tokens: ApiTokenService, trusted_proxies: frozenset[str] = frozenset()
    ) -> None:
        self._sessions = sessions
        self._trusted_proxies = trusted_proxies
        self._api_tokens = api_tokens

    async def authenticate(self, session: AsyncSession, connection: HTTPConnection) -> Principal:
        """The principal; raises NotAuthenticated, or PermissionDenied for a missing CSRF token."""
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            return self._principal(await self._bearer(session, authorization), connection)
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            raise NotAuthenticated(
                "Sign in at POST /v1/session, or send an API token as `Authorization: Bearer tlp_…`",
                headers=_CHALLENGE,
            )
        found = await self._sessions.find(session, cookie)
        if found is None:
            raise NotAuthenticated("The session has ended; sign in again", headers=_CHALLENGE)
        login, user = found
        if connection.scope.get("method", "GET") not in _SAFE_METHODS:
            sent = connection.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), login.csrf_token.encode()):
                raise PermissionDenied(
                    f"A changing call with the session cookie needs the header {CSRF_HEADER} with the session's "
                    "csrf_token (GET /v1/session)",
                    code="csrf_token_missing",
                )
        return self._principal(user, connection)

    async def _bearer(self, session: AsyncSession, authorization: str) -> User:
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value.startswith(PREFIX):
            raise NotAuthenticated(
                f"Send an API token as `Authorization: Bearer {PREFIX}…`; access tokens of apps are for the gateway",
                headers=_CHALLENGE,
            )
        user = await self._api_tokens.owner_of(session, value)
        if user is None:
            raise NotAuthenticated("The API token is unknown, expired or deleted", headers=_CHALLENGE)
        return user

    def _principal(self, user: User, connection: HTTPConnection) -> Principal:
        return Principal(
            kind=PrincipalKind.USER,
            id=user.username,
            is_admin=user.is_admin,
            ip=client_address(connection, self._trusted_proxies),
            request_id=getattr(connection.state, "request_id", ""),
        )
