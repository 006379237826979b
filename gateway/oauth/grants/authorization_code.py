"""Tokens for a code that a person's consent gave (RFC 6749 §4.1.3, RFC 7636)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as AuthlibGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.oauth.authorization.models import AuthorizationCode
from gateway.oauth.authorization.repository import find_code, redeem_code
from gateway.oauth.authorization.request import CHALLENGE_METHOD
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.clients.settings import AUTH_METHODS
from gateway.oauth.errors import InvalidProof, Replayed
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.tokens.refresh_tokens import PREFIX
from gateway.oauth.tokens.token_sets import LiveAuthorization, TokenSets
from kernel.db.database import Database


@dataclass(frozen=True, slots=True)
class _Material:
    """A code that is this client's, of an authorization that holds; as Authlib asks for it."""

    code: AuthorizationCode
    live: LiveAuthorization
    request: TokenRequest

    @property
    def code_challenge(self) -> str:
        return self.code.code_challenge

    @property
    def code_challenge_method(self) -> str:
        return CHALLENGE_METHOD

    def get_redirect_uri(self) -> str | None:
        return self.code.redirect_uri if self.code.redirect_uri_sent else None


def _fits(verifier: str, challenge: str) -> bool:
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


class _S256Only(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    CODE_CHALLENGE_METHODS: ClassVar = {CHALLENGE_METHOD: _fits}


class _Decider(AuthlibGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        _S256Only(required=True)(self)

    def query_authorization_code(self, _code: str, _client: OAuthClient) -> _Material | None:
        material: _Material | None = self.server.material
        if material is None or material.code.redeemed_at is not None:
            return material  # a second use is answered once the client has shown the verifier
        return material if material.code.expires_at > material.request.now else None


class AuthorizationCodeGrant:
    decider = _Decider

    def __init__(self, database: Database, token_sets: TokenSets) -> None:
        self._database = database
        self._token_sets = token_sets

    async def read(self, session: AsyncSession, request: TokenRequest) -> _Material | None:
        code = await find_code(session, digest(request.form.get("code", "")))
        if code is None:
            return None
        if code.dpop_jkt is not None and code.dpop_jkt != request.key_thumbprint:
            raise InvalidProof("The code is bound to a key (dpop_jkt); send a proof of it in the header DPoP")
        live = await self._token_sets.read(session, request, code.authorization_id)
        return _Material(code, live, request) if live is not None else None

    async def issue(self, request: TokenRequest, material: _Material, _decided: OAuth2Request) -> dict[str, Any]:
        """Of several requests at once with one code, one is answered.

        Raises:
            Replayed: the code was redeemed before this request came.
            InvalidGrantError: it was redeemed by another at the same moment. That one has shown verifier and client
                too, so it is the same client twice, and keeps its tokens.
        """
        code = material.code
        if code.redeemed_at is not None:
            raise Replayed("The code was used before; what it gave has ended", material.live.authorization)
        async with self._database.unit_of_work() as session:
            if not await redeem_code(session, code.sha256, request.now):
                raise InvalidGrantError("The code was used by another request at the same moment")
            return await self._token_sets.issue(
                session, request, material.live, refresh_token=new_credential(PREFIX), nonce=code.nonce
            )
