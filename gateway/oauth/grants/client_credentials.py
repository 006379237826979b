"""Tokens of an app for itself (RFC 6749 §4.4)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as AuthlibGrant
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.clients.settings import AUTH_METHODS, PUBLIC
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.keys.key_pairs import Signer
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.resources import Resources
from gateway.oauth.scopes import AllowedScopes, allowed_scopes
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer


@dataclass(frozen=True, slots=True)
class _Material:
    allowed: AllowedScopes
    resource: str | None
    signer: Signer


class _Decider(AuthlibGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [method for method in AUTH_METHODS if method != PUBLIC]

    def validate_requested_scope(self) -> None:
        material: _Material = self.server.material
        payload = self.request.payload
        payload.data["scope"] = " ".join(material.allowed.required(payload.scope, self.client.app_code))


class ClientCredentialsGrant:
    decider = _Decider

    def __init__(self, keyring: SigningKeyring, issuer: AccessTokenIssuer, resources: Resources) -> None:
        self._keyring = keyring
        self._issuer = issuer
        self._resources = resources

    async def read(self, session: AsyncSession, request: TokenRequest) -> _Material:
        asked = frozenset(request.form.get("scope", "").split())
        allowed = await allowed_scopes(session, request.client.app_code, request.now, asked)
        resource = await self._resources.required(session, request.form.get("resource"))
        return _Material(allowed, resource, await self._keyring.signer(session))

    async def issue(self, request: TokenRequest, material: _Material, decided: OAuth2Request) -> dict[str, Any]:
        client = request.client
        token = self._issuer.issue(
            material.signer,
            app_code=client.app_code,
            scopes=self._resources.narrowed(frozenset(decided.payload.scope.split()), material.resource),
            seconds=client.settings.access_token_seconds,
            claims={"aud": material.resource} if material.resource is not None else None,
            key_thumbprint=request.key_thumbprint,
        )
        return token.answer()
