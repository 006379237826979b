"""Token requests from outside: read what the decision needs, decide, write it down."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app, secrets_of
from gateway.oauth.access_tokens import AccessTokenIssuer
from gateway.oauth.clients import named_client
from gateway.oauth.form import read_form, tellable
from gateway.oauth.keys import SigningKeyring
from gateway.oauth.scopes import allowed_scopes
from gateway.oauth.server import GRANT_TYPES, OAuthClient, OAuthResponse, TokenServer
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.forms.bounds import is_storable

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="trunkline"'}
_UNAUTHENTICATED = 401
_WRONG_CLIENT = "The client is unknown or disabled, or its secret is wrong"


class TokenService:
    def __init__(
        self, database: Database, keyring: SigningKeyring, issuer: AccessTokenIssuer, clock: Clock, seconds: int
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._clock = clock
        self._seconds = seconds

    async def answer(self, headers: Mapping[str, str], body: bytes) -> OAuthResponse:
        """The answer of the token endpoint (RFC 6749 §3.2, §5); it never raises for what a client sent."""
        try:
            form = read_form(headers.get("content-type", ""), body)
            _require_known_grant(form)
            app_code = named_client(form, headers)
        except OAuth2Error as error:
            return _refusal(error.error, error.description, error.status_code)
        async with self._database.reading() as session:
            client = await self._client(session, app_code)
            signer = await self._keyring.signer(session)

        def issue(app_code: str, scopes: frozenset[str]) -> dict[str, Any]:
            token = self._issuer.issue(signer, app_code=app_code, scopes=scopes, seconds=self._seconds)
            return {
                "access_token": token.value,
                "token_type": "Bearer",
                "expires_in": self._seconds,
                "scope": " ".join(sorted(scopes)),
            }

        decided = TokenServer(client, issue).decide(form, {"Authorization": headers.get("authorization", "")})
        if "error" not in decided.body:
            return OAuthResponse(decided.status, decided.body, NO_STORE)
        # Authlib tells an unknown client from a wrong secret; a guesser must not learn which.
        unknown = decided.body["error"] == InvalidClientError.error
        description = _WRONG_CLIENT if unknown else decided.body.get("error_description", "")
        return _refusal(decided.body["error"], description, decided.status)

    async def _client(self, session: AsyncSession, app_code: str) -> OAuthClient | None:
        app = await find_app(session, app_code) if is_storable(app_code) else None
        if app is None or not app.enabled:
            return None
        digests = tuple(secret.sha256 for secret in await secrets_of(session, app.app_code))
        return OAuthClient(app.app_code, digests, await allowed_scopes(session, app.app_code, self._clock.now()))


def _require_known_grant(form: Mapping[str, str]) -> None:
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise InvalidRequestError("The parameter grant_type is missing")
    if grant_type not in GRANT_TYPES:
        raise OAuth2Error(
            f"The grant_type {tellable(grant_type)} is not offered; use {' or '.join(GRANT_TYPES)}",
            error="unsupported_grant_type",
        )


def _refusal(error: str, description: str, status: int) -> OAuthResponse:
    body = {"error": error, "error_description": description}
    if error == InvalidClientError.error:
        return OAuthResponse(_UNAUTHENTICATED, body, {**NO_STORE, **_CHALLENGE})
    return OAuthResponse(status, body, NO_STORE)
