"""What an access token tells of its person (OpenID Connect Core §5.3)."""

from collections.abc import Mapping
from typing import Any

from gateway.identity.users.models import User
from gateway.identity.users.repository import find_user
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.oidc.claims import person_claims
from gateway.oauth.oidc.scopes import OPENID
from gateway.oauth.service import NO_STORE, OAuthResponse
from gateway.oauth.tokens.possession import USE_NONCE, Possession, SentToken, challenges, error_of
from gateway.oauth.tokens.presented import presented_token
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.signing.access_token import AccessClaims
from kernel.signing.errors import TokenInvalid


class UserInfo:
    def __init__(
        self, database: Database, keyring: SigningKeyring, issuer: str, possession: Possession, clock: Clock
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._possession = possession
        self._clock = clock

    async def answer(self, method: str, headers: Mapping[str, str]) -> OAuthResponse:
        """The claims, or what RFC 6750 §3 and RFC 9449 §7.1 answer in their place."""
        sent = SentToken.read(headers)
        if sent is None:
            return self._refused(401, None, "", "Send an access token as Authorization: Bearer, or DPoP with a proof")
        try:
            claims, user = await self._read(sent)
            addresses = [f"{self._issuer}/oauth/userinfo"]
            now = self._clock.now().timestamp()
            await self._possession.require(sent, claims, method=method, addresses=addresses, now=now)
        except TokenInvalid as problem:
            return self._refused(401, sent, error_of(problem), str(problem))
        if OPENID not in claims.scopes:
            return self._refused(403, sent, "insufficient_scope", "the token's scope lacks openid")
        return OAuthResponse(200, person_claims(user, claims.scopes), NO_STORE)

    async def _read(self, sent: SentToken) -> tuple[AccessClaims, User]:
        """Raises TokenInvalid for a token that is no person's, or one that holds no more."""
        async with self._database.reading() as session:
            found = await presented_token(session, self._keyring, self._issuer, sent.value, self._clock.now())
            claims = found.claims
            if self._issuer not in claims.audiences:
                raise TokenInvalid("the token is for another audience")
            if claims.authorization_id is None:
                raise TokenInvalid("the token is not a person's")
            user = await find_user(session, claims.subject)
        if user is None or not user.is_active:
            raise TokenInvalid("the person may not sign in any more")
        return claims, user

    def _refused(self, status: int, sent: SentToken | None, error: str, reason: str) -> OAuthResponse:
        told: dict[str, Any] = {"error": error or "invalid_request", "error_description": reason}
        challenge = {"WWW-Authenticate": challenges(sent, error, reason, 'realm="trunkline"')}
        nonce = self._possession.nonce_headers(self._clock.now().timestamp()) if error == USE_NONCE else {}
        return OAuthResponse(status, told, {**NO_STORE, **challenge, **nonce})
