"""Tokens given back by the client that has them (RFC 7009)."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, UnauthorizedClientError

from gateway.credentials import digest
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_endpoint import Form
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.tokens.authorizations import Authorizations
from gateway.oauth.tokens.models import Authorization
from gateway.oauth.tokens.presented import presented_token
from gateway.oauth.tokens.repository import find_authorization, find_refresh_token
from gateway.oauth.tokens.revocations import Revocations
from gateway.snapshot.live import LiveWatch
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind
from kernel.signing.access_token import AccessClaims
from kernel.signing.errors import TokenInvalid


class TokenRevocation:
    """A refresh token takes everything that came of its authorization with it, an access token only itself."""

    def __init__(
        self,
        database: Database,
        keyring: SigningKeyring,
        issuer: str,
        authorizations: Authorizations,
        revocations: Revocations,
        live: LiveWatch,
        clock: Clock,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._authorizations = authorizations
        self._revocations = revocations
        self._live = live
        self._clock = clock

    async def answer(self, client: OAuthClient, form: Form) -> dict[str, Any]:
        """Nothing, whether there was such a token or not; every process refuses it by then.

        Raises:
            UnauthorizedClientError: it was given to another client.
        """
        token = form.get("token")
        if token is None:
            raise InvalidRequestError("The parameter token is missing")
        authorization = await self._authorization_of(token)
        if authorization is not None:
            _require_own(client, authorization.app_code)
            await self._live.wait_live(await self._end(client, authorization))
            return {}
        try:
            async with self._database.reading() as session:
                found = await presented_token(session, self._keyring, self._issuer, token, self._clock.now())
        except TokenInvalid:
            return {}
        _require_own(client, found.claims.client_id)
        await self._live.wait_live(await self._revoke(client, found.claims))
        return {}

    async def _authorization_of(self, token: str) -> Authorization | None:
        async with self._database.reading() as session:
            kept = await find_refresh_token(session, digest(token))
            return await find_authorization(session, kept.authorization_id) if kept is not None else None

    async def _end(self, client: OAuthClient, authorization: Authorization) -> int:
        principal = Principal(PrincipalKind.APP, client.app_code, on_behalf_of=authorization.username)
        async with self._database.unit_of_work() as session:
            await self._revocations.lock(session)
            said = "the client gave its refresh token back"
            return await self._authorizations.end(session, principal, authorization_id=authorization.id, because=said)

    async def _revoke(self, client: OAuthClient, claims: AccessClaims) -> int:
        principal = Principal(PrincipalKind.APP, client.app_code, on_behalf_of=claims.user)
        async with self._database.unit_of_work() as session:
            await self._revocations.lock(session)
            record(session, principal, "access_token.revoked", "access_token", claims.token_id)
            return await self._revocations.of_token(session, claims.token_id, claims.expires_at)


def _require_own(client: OAuthClient, app_code: str) -> None:
    if client.app_code != app_code:
        raise UnauthorizedClientError("The token was given to another client")
