"""What a client is given under an authorization: an access token, the next refresh token, an ID token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidGrantError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest
from gateway.identity.users.models import User
from gateway.identity.users.repository import find_user
from gateway.oauth.clients.settings import REFRESH_TOKEN
from gateway.oauth.errors import InvalidTarget
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.keys.key_pairs import Signer
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.oidc.claims import person_claims
from gateway.oauth.oidc.id_tokens import IdTokenIssuer
from gateway.oauth.oidc.scopes import OIDC_SCOPES, OPENID
from gateway.oauth.resources import Resources
from gateway.oauth.scopes import allowed_scopes
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer, IssuedToken
from gateway.oauth.tokens.models import Authorization, RefreshToken
from gateway.oauth.tokens.refresh_tokens import new_salt
from gateway.oauth.tokens.repository import extend_authorization, find_authorization


@dataclass(frozen=True, slots=True)
class LiveAuthorization:
    """An authorization that holds, with what its tokens are made of.

    Attributes:
        scopes: what the person agreed to and the app's grants still cover.
        resource: what the token of this request is to be for.
    """

    authorization: Authorization
    user: User
    scopes: frozenset[str]
    resource: str | None
    signer: Signer


class TokenSets:
    def __init__(
        self, keyring: SigningKeyring, access_tokens: AccessTokenIssuer, id_tokens: IdTokenIssuer, resources: Resources
    ) -> None:
        self._keyring = keyring
        self._access_tokens = access_tokens
        self._id_tokens = id_tokens
        self._resources = resources

    async def read(
        self, session: AsyncSession, request: TokenRequest, authorization_id: str
    ) -> LiveAuthorization | None:
        """The authorization, if it is this client's and holds, and so does the person's account.

        Raises:
            InvalidTarget: the request names another resource than was authorized.
        """
        authorization = await find_authorization(session, authorization_id)
        if authorization is None or authorization.app_code != request.client.app_code:
            return None
        user = await find_user(session, authorization.username)
        if authorization.ended_at is not None or user is None or not user.is_active:
            return None
        asked = await self._resources.required(session, request.form.get("resource"))
        if authorization.resource is not None and asked not in {None, authorization.resource}:
            raise InvalidTarget("The resource is not the one that was authorized")
        resource = asked or authorization.resource
        given = frozenset(authorization.scopes)
        allowed = await allowed_scopes(session, authorization.app_code, request.now, given)
        scopes = given & (allowed.all | OIDC_SCOPES)
        return LiveAuthorization(authorization, user, scopes, resource, await self._keyring.signer(session))

    async def issue(
        self,
        session: AsyncSession,
        request: TokenRequest,
        live: LiveAuthorization,
        *,
        scopes: frozenset[str] | None = None,
        refresh_token: str,
        is_kept: bool = False,
        nonce: str | None = None,
    ) -> dict[str, Any]:
        """The members of the answer; a new refresh token is kept with the unit of work.

        Args:
            scopes: at most these of what is authorized; `None` for all.
            refresh_token: the one to give, where the client may have any.
            is_kept: it was given before, and its answer lost.

        Raises:
            InvalidGrantError: the authorization has ended meanwhile.
        """
        settings, now = request.client.settings, request.now
        token = self._access_token(request, live, live.scopes if scopes is None else live.scopes & scopes)
        renews = REFRESH_TOKEN in settings.grant_types
        refresh_until = now + timedelta(seconds=settings.refresh_token_seconds)
        tokens_until = now + timedelta(seconds=token.seconds)
        until = max(tokens_until, refresh_until) if renews else tokens_until
        if not await extend_authorization(session, live.authorization.id, tokens_until, until):
            raise InvalidGrantError("The authorization has ended")
        answer = token.answer()
        if renews:
            if not is_kept:
                session.add(_kept(request, live, refresh_token, refresh_until))
            answer["refresh_token"] = refresh_token
        if OPENID in token.scopes:
            answer["id_token"] = self._id_token(live, token, nonce)
        return answer

    def _access_token(self, request: TokenRequest, live: LiveAuthorization, scopes: frozenset[str]) -> IssuedToken:
        authorization = live.authorization
        claims: dict[str, Any] = {
            "sub": authorization.username,
            "sid": authorization.id,
            "auth_time": int(authorization.signed_in_at.timestamp()),
        }
        if live.resource is not None:
            claims["aud"] = live.resource
        return self._access_tokens.issue(
            live.signer,
            app_code=request.client.app_code,
            scopes=self._resources.narrowed(scopes, live.resource),
            seconds=request.client.settings.access_token_seconds,
            claims=claims,
            key_thumbprint=request.key_thumbprint,
        )

    def _id_token(self, live: LiveAuthorization, token: IssuedToken, nonce: str | None) -> str:
        return self._id_tokens.issue(
            live.signer,
            app_code=live.authorization.app_code,
            person=person_claims(live.user, token.scopes),
            signed_in_at=live.authorization.signed_in_at.timestamp(),
            access_token=token.value,
            session_id=live.authorization.id,
            nonce=nonce,
        )


def _kept(request: TokenRequest, live: LiveAuthorization, refresh_token: str, expires_at: datetime) -> RefreshToken:
    """Of a client that can't prove who it is, bound to the key it has proven to hold (RFC 9449 §5)."""
    return RefreshToken(
        sha256=digest(refresh_token),
        authorization_id=live.authorization.id,
        salt=new_salt(),
        dpop_jkt=request.key_thumbprint if request.client.settings.is_public else None,
        expires_at=expires_at,
    )
