"""New tokens for a refresh token, which is used up by it (RFC 6749 §6, RFC 9700 §4.14)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as AuthlibGrant
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.clients.settings import AUTH_METHODS
from gateway.oauth.errors import InvalidProof, Replayed
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.tokens.models import RefreshToken
from gateway.oauth.tokens.refresh_tokens import GRACE, successor
from gateway.oauth.tokens.repository import find_refresh_token, use_refresh_token
from gateway.oauth.tokens.token_sets import LiveAuthorization, TokenSets
from kernel.db.database import Database


@dataclass(frozen=True, slots=True)
class _Material:
    """A refresh token of an authorization that holds and is this client's; as Authlib asks for it."""

    token: RefreshToken
    live: LiveAuthorization

    def check_client(self, client: OAuthClient) -> bool:
        return client.app_code == self.live.authorization.app_code

    def get_scope(self) -> str:
        return " ".join(self.live.authorization.scopes)


class _Decider(AuthlibGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)

    def authenticate_refresh_token(self, _token: str) -> _Material | None:
        material: _Material | None = self.server.material
        return material


class RefreshTokenGrant:
    decider = _Decider

    def __init__(self, database: Database, token_sets: TokenSets) -> None:
        self._database = database
        self._token_sets = token_sets

    async def read(self, session: AsyncSession, request: TokenRequest) -> _Material | None:
        token = await find_refresh_token(session, digest(request.form.get("refresh_token", "")))
        if token is None or token.expires_at <= request.now:
            return None
        if token.dpop_jkt is not None and token.dpop_jkt != request.key_thumbprint:
            raise InvalidProof("The refresh token is bound to a key; send a proof of it in the header DPoP")
        live = await self._token_sets.read(session, request, token.authorization_id)
        return _Material(token, live) if live is not None else None

    async def issue(self, request: TokenRequest, material: _Material, decided: OAuth2Request) -> dict[str, Any]:
        """Raises Replayed for a token that was used before, unless this is plainly the same request again."""
        asked = frozenset(decided.payload.scope.split()) if decided.payload.scope else None
        following = successor(request.form["refresh_token"], material.token.salt)
        async with self._database.unit_of_work() as session:
            is_first = await use_refresh_token(session, material.token.sha256, request.now)
            if not is_first and not await _is_repeated(session, request, material.token, following):
                said = "The refresh token was used before; all that came of it has ended"
                raise Replayed(said, material.live.authorization)
            return await self._token_sets.issue(
                session, request, material.live, scopes=asked, refresh_token=following, is_kept=not is_first
            )


async def _is_repeated(session: AsyncSession, request: TokenRequest, token: RefreshToken, following: str) -> bool:
    """Whether the token was used only just now, and what was given for it not yet."""
    used = await find_refresh_token(session, token.sha256)
    given = await find_refresh_token(session, digest(following))
    if used is None or used.used_at is None or given is None:
        return False
    return given.used_at is None and request.now - used.used_at <= GRACE
