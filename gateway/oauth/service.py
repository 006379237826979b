"""Token requests from outside: read what the decision needs, decide, write it down."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app, secrets_of
from gateway.oauth.access_tokens import AccessTokenIssuer
from gateway.oauth.form import read_form
from gateway.oauth.keys import SigningKeyring
from gateway.oauth.scopes import allowed_scopes
from gateway.oauth.server import OAuthClient, OAuthResponse, TokenServer
from kernel.clock import Clock
from kernel.db.database import Database

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="trunkline"'}
_UNAUTHENTICATED = 401


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
            _require_one_client(form, headers)
        except OAuth2Error as error:
            return OAuthResponse(error.status_code, dict(error.get_body()), NO_STORE)
        async with self._database.reading() as session:
            client = await self._client(session, _client_id(form, headers))
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
        if decided.body.get("error") == "invalid_client":
            return OAuthResponse(_UNAUTHENTICATED, decided.body, {**NO_STORE, **_CHALLENGE})
        return OAuthResponse(decided.status, decided.body, NO_STORE)

    async def _client(self, session: AsyncSession, app_code: str | None) -> OAuthClient | None:
        app = await find_app(session, app_code) if app_code else None
        if app is None or not app.enabled:
            return None
        digests = tuple(secret.sha256 for secret in await secrets_of(session, app.app_code))
        return OAuthClient(app.app_code, digests, await allowed_scopes(session, app.app_code, self._clock.now()))


def _require_one_client(form: Mapping[str, str], headers: Mapping[str, str]) -> None:
    if "grant_type" not in form:
        raise InvalidRequestError("The parameter grant_type is missing")
    named = form.get("client_id")
    if "authorization" in headers and ("client_secret" in form or (named and named != _basic_user(headers))):
        raise InvalidRequestError("The client is named twice, in the header and in the body; use one (RFC 6749 §2.3)")


def _client_id(form: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    return _basic_user(headers) if "authorization" in headers else form.get("client_id")


def _basic_user(headers: Mapping[str, str]) -> str | None:
    scheme, _, value = headers["authorization"].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return None
