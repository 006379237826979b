"""What an access token tells of its person (OpenID Connect Core §5.3)."""

from collections.abc import Mapping
from typing import Any

from gateway.identity.users.repository import find_user
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.oidc.claims import person_claims
from gateway.oauth.oidc.scopes import OPENID
from gateway.oauth.service import NO_STORE, OAuthResponse
from gateway.oauth.tokens.presented import presented_token
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.signing.access_token import AccessClaims
from kernel.signing.errors import TokenInvalid


class UserInfo:
    def __init__(self, database: Database, keyring: SigningKeyring, issuer: str, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._clock = clock

    async def answer(self, headers: Mapping[str, str]) -> OAuthResponse:
        """The claims, or what RFC 6750 §3 answers in their place."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _refused(401, "", "Send an access token as Authorization: Bearer")
        async with self._database.reading() as session:
            try:
                found = await presented_token(session, self._keyring, self._issuer, token.strip(), self._clock.now())
                _check(found.claims, self._issuer)
            except TokenInvalid as problem:
                return _refused(401, "invalid_token", str(problem))
            user = await find_user(session, found.claims.subject)
        if user is None or not user.is_active:
            return _refused(401, "invalid_token", "the person may not sign in any more")
        if OPENID not in found.claims.scopes:
            return _refused(403, "insufficient_scope", "the token's scope lacks openid")
        return OAuthResponse(200, person_claims(user, found.claims.scopes), NO_STORE)


def _check(claims: AccessClaims, issuer: str) -> None:
    if issuer not in claims.audiences:
        raise TokenInvalid("the token is for another audience")
    if claims.key_thumbprint is not None:
        raise TokenInvalid("a token that is bound to a key is not taken here; the ID token says the same")
    if claims.authorization_id is None:
        raise TokenInvalid("the token is not a person's")


def _refused(status: int, error: str, reason: str) -> OAuthResponse:
    told: dict[str, Any] = {"error": error or "invalid_request", "error_description": reason}
    challenge = 'Bearer realm="trunkline"' + (f', error="{error}", error_description="{reason}"' if error else "")
    return OAuthResponse(status, told, {**NO_STORE, "WWW-Authenticate": challenge})
