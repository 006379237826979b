"""What a token says, told to whom it concerns (RFC 7662)."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, UnauthorizedClientError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest
from gateway.identity.authorization.repository import find_related
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_endpoint import Form
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.resources import Resources
from gateway.oauth.tokens.presented import PresentedToken, presented_token
from gateway.oauth.tokens.repository import find_authorization, find_refresh_token
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.signing.access_token import AccessClaims
from kernel.signing.errors import TokenInvalid

_NOTHING: dict[str, Any] = {"active": False}


class Introspection:
    """An app sees the tokens it was given; one that is related to a system also those that are for that system alone.

    Of any other token it hears what it hears of one that is none.
    """

    def __init__(self, database: Database, keyring: SigningKeyring, resources: Resources, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._resources = resources
        self._clock = clock

    async def answer(self, client: OAuthClient, form: Form) -> dict[str, Any]:
        """Raises UnauthorizedClientError for a client that can't prove who it is."""
        if client.settings.is_public:
            raise UnauthorizedClientError("Tokens are explained to clients that can prove who they are")
        token = form.get("token")
        if token is None:
            raise InvalidRequestError("The parameter token is missing")
        async with self._database.reading() as session:
            refresh = await self._refresh_token(session, client, token)
            if refresh is not None:
                return refresh
            try:
                found = await presented_token(session, self._keyring, self._resources.issuer, token, self._clock.now())
            except TokenInvalid:
                return _NOTHING
            return _explained(found, self._resources.issuer) if await self._sees(session, client, found) else _NOTHING

    async def _sees(self, session: AsyncSession, client: OAuthClient, found: PresentedToken) -> bool:
        if found.claims.client_id == client.app_code:
            return True
        systems = [self._resources.system_of(audience) for audience in found.claims.audiences]
        related = [await find_related(session, system, client.app_code) for system in systems if system is not None]
        return any(each is not None for each in related)

    async def _refresh_token(self, session: AsyncSession, client: OAuthClient, token: str) -> dict[str, Any] | None:
        kept = await find_refresh_token(session, digest(token))
        if kept is None:
            return None
        authorization = await find_authorization(session, kept.authorization_id)
        now = self._clock.now()
        if authorization is None or authorization.app_code != client.app_code or authorization.ended_at is not None:
            return _NOTHING
        if kept.used_at is not None or kept.expires_at <= now:
            return _NOTHING
        return {
            "active": True,
            "client_id": authorization.app_code,
            "username": authorization.username,
            "sub": authorization.username,
            "scope": " ".join(authorization.scopes),
            "exp": int(kept.expires_at.timestamp()),
            "iss": self._resources.issuer,
            "sid": authorization.id,
        }


def _explained(found: PresentedToken, issuer: str) -> dict[str, Any]:
    claims = found.claims
    bound = claims.key_thumbprint is not None
    told: dict[str, Any] = {
        "active": True,
        "scope": " ".join(sorted(claims.scopes)),
        "client_id": claims.client_id,
        "token_type": "DPoP" if bound else "Bearer",
        "exp": int(claims.expires_at),
        "iat": int(claims.issued_at),
        "sub": claims.subject,
        "aud": claims.audiences[0] if len(claims.audiences) == 1 else list(claims.audiences),
        "iss": issuer,
        "jti": claims.token_id,
    }
    return told | _optional(found, claims)


def _optional(found: PresentedToken, claims: AccessClaims) -> dict[str, Any]:
    members: dict[str, Any] = {
        "username": claims.user,  # only of a person: a client's name never stands here (RFC 9700 §4.15)
        "sid": claims.authorization_id,
        "act": found.act,
        "cnf": {"jkt": claims.key_thumbprint} if claims.key_thumbprint is not None else None,
    }
    return {name: value for name, value in members.items() if value is not None}
