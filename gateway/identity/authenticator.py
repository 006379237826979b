"""Who is at the door of the management API (contract `kernel.contracts.authenticator.Authenticator`)."""

import hmac

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from gateway.identity.api_tokens.service import PREFIX, ApiTokenService
from gateway.identity.authorization.token_scopes import only_read
from gateway.identity.sessions.service import COOKIE, SessionService
from kernel.errors import NotAuthenticated, PermissionDenied
from kernel.http.client_address import client_address
from kernel.principal import Principal, PrincipalKind

CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="trunkline"'}
_WITH_TEMPORARY_PASSWORD = frozenset({"/v1/session", "/v1/account", "/v1/account/password"})


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
            return await self._by_token(session, authorization, connection)
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            raise NotAuthenticated(
                "Sign in at POST /v1/session, or send an API token as `Authorization: Bearer tlp_…`",
                headers=_CHALLENGE,
            )
        return await self._by_session(session, cookie, connection)

    async def _by_session(self, session: AsyncSession, cookie: str, connection: HTTPConnection) -> Principal:
        found = await self._sessions.find(session, cookie)
        if found is None:
            raise NotAuthenticated("The session has ended; sign in again", headers=_CHALLENGE)
        if _changes(connection):
            sent = connection.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), found.session.csrf_token.encode()):
                raise PermissionDenied(
                    f"A changing call with the session cookie needs the header {CSRF_HEADER} with the session's "
                    "csrf_token (GET /v1/session)",
                    code="csrf_token_missing",
                )
        if found.user.must_change_password and connection.url.path not in _WITH_TEMPORARY_PASSWORD:
            raise PermissionDenied(
                "The password is a temporary one; change it first (PUT /v1/account/password)",
                code="password_change_required",
            )
        return self._principal(connection, found.user.username, is_admin=found.is_admin)

    async def _by_token(self, session: AsyncSession, authorization: str, connection: HTTPConnection) -> Principal:
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value.startswith(PREFIX):
            raise NotAuthenticated(
                f"Send an API token as `Authorization: Bearer {PREFIX}…`; access tokens of apps are for the gateway",
                headers=_CHALLENGE,
            )
        found = await self._api_tokens.find(session, value)
        if found is None:
            raise NotAuthenticated("The API token is unknown, expired or deleted", headers=_CHALLENGE)
        scopes = frozenset(found.token.scopes) if found.token.scopes is not None else None
        if scopes is not None and only_read(scopes) and _changes(connection):
            raise PermissionDenied("This API token may only read; use one with a scope that may change things")
        return self._principal(
            connection,
            found.owner.username,
            is_admin=found.is_admin,
            scopes=scopes,
            confined_to=found.token.project_id,
        )

    def _principal(
        self,
        connection: HTTPConnection,
        username: str,
        *,
        is_admin: bool,
        scopes: frozenset[str] | None = None,
        confined_to: str | None = None,
    ) -> Principal:
        return Principal(
            kind=PrincipalKind.USER,
            id=username,
            is_admin=is_admin,
            scopes=scopes,
            confined_to=confined_to,
            ip=client_address(connection, self._trusted_proxies),
            request_id=getattr(connection.state, "request_id", ""),
        )


def _changes(connection: HTTPConnection) -> bool:
    return connection.scope.get("method", "GET") not in _SAFE_METHODS
