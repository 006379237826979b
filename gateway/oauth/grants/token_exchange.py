"""Acting on behalf: a token of ours for another with less in it (RFC 8693)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.clients.settings import AUTH_METHODS, PUBLIC, TOKEN_EXCHANGE
from gateway.oauth.errors import InvalidProof, InvalidTarget
from gateway.oauth.exchanges.repository import find_permission
from gateway.oauth.form import tellable
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.keys.key_pairs import Signer
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.oidc.scopes import OIDC_SCOPES
from gateway.oauth.resources import Resources
from gateway.oauth.scopes import allowed_scopes, require_sendable
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from gateway.oauth.tokens.presented import PresentedToken, presented_token
from kernel.signing.access_token import AccessClaims
from kernel.signing.errors import TokenInvalid

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  the name of a kind of token
JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
LONGEST_SECONDS: Final = 600
MOST_ACTORS: Final = 4
"""How many may act for each other, one behind the other."""


@dataclass(frozen=True, slots=True)
class _Material:
    """What holds of the request already.

    Attributes:
        scopes: the widest the new token may carry: what the subject's has and the grants of both apps cover now.
    """

    subject: PresentedToken
    actor: dict[str, Any]
    is_permitted: bool
    scopes: frozenset[str]
    resource: str | None
    signer: Signer


class _Decider(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [method for method in AUTH_METHODS if method != PUBLIC]

    def validate_token_request(self) -> None:
        client = self.authenticate_token_endpoint_client()
        self.request.client = client
        material: _Material = self.server.material
        claims = material.subject.claims
        if not material.is_permitted:
            raise InvalidRequestError(
                f"{client.app_code} may not exchange tokens of {claims.client_id}; have its owner allow it"
            )
        _check_may_act(material.subject.may_act, client.app_code)
        self.request.payload.data["scope"] = " ".join(_narrowed(self.request.payload.scope, claims, material.scopes))


class TokenExchangeGrant:
    decider = _Decider

    def __init__(self, keyring: SigningKeyring, issuer: AccessTokenIssuer, resources: Resources) -> None:
        self._keyring = keyring
        self._issuer = issuer
        self._resources = resources

    async def read(self, session: AsyncSession, request: TokenRequest) -> _Material:
        """Raises InvalidRequestError, InvalidTarget or InvalidProof for tokens that don't do (RFC 8693 §2.2.2)."""
        subject = await self._presented(session, request, "subject_token")
        claims, exchanger = subject.claims, request.client.app_code
        if claims.key_thumbprint is not None and claims.key_thumbprint != request.key_thumbprint:
            raise InvalidProof("The subject_token is bound to a key; send a proof of it in the header DPoP")
        if claims.authorization_id is None and claims.user is not None:
            raise InvalidRequestError("The subject_token was made for one task or call; it is not exchanged")
        own = claims.client_id == exchanger
        is_permitted = own or await find_permission(session, claims.client_id, exchanger) is not None
        covered = (await allowed_scopes(session, exchanger, request.now, claims.scopes)).all
        if not own:
            covered &= (await allowed_scopes(session, claims.client_id, request.now, claims.scopes)).all
        return _Material(
            subject,
            await self._actor(session, request, subject),
            is_permitted,
            (claims.scopes & covered) - OIDC_SCOPES,
            await self._resource(session, request, claims),
            await self._keyring.signer(session),
        )

    async def issue(self, request: TokenRequest, material: _Material, decided: OAuth2Request) -> dict[str, Any]:
        claims = material.subject.claims
        remaining = int(claims.expires_at - request.now.timestamp())
        usual = request.client.settings.access_token_seconds or LONGEST_SECONDS
        origins = [*claims.origins, (claims.token_id, claims.client_id)]
        further: dict[str, Any] = {
            "sub": claims.subject,
            "act": material.actor,
            "origins": [{"jti": token_id, "client_id": app_code} for token_id, app_code in origins],
        }
        # What a person allowed ends with that, however often it was exchanged.
        further |= {"sid": claims.authorization_id} if claims.authorization_id is not None else {"sub_kind": "app"}
        if material.subject.may_act is not None:
            further["may_act"] = material.subject.may_act
        if material.resource is not None:
            further["aud"] = material.resource
        token = self._issuer.issue(
            material.signer,
            app_code=request.client.app_code,
            scopes=self._resources.narrowed(frozenset(decided.payload.scope.split()), material.resource),
            seconds=max(1, min(remaining, usual, LONGEST_SECONDS)),
            claims=further,
            key_thumbprint=request.key_thumbprint,
        )
        return {**token.answer(), "issued_token_type": ACCESS_TOKEN}

    async def _presented(self, session: AsyncSession, request: TokenRequest, name: str) -> PresentedToken:
        form = request.form
        kind = form.get(f"{name}_type")
        if name not in form or kind is None:
            raise InvalidRequestError(f"The parameters {name} and {name}_type are needed")
        if kind not in (ACCESS_TOKEN, JWT):
            raise InvalidRequestError(f"The {name}_type {tellable(kind)} is not taken; send {ACCESS_TOKEN}")
        if form.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, JWT):
            raise InvalidRequestError(f"The requested_token_type is not offered; send {ACCESS_TOKEN}")
        try:
            return await presented_token(session, self._keyring, self._issuer.issuer, form[name], request.now)
        except TokenInvalid as error:
            raise InvalidRequestError(f"The {name} does not hold: {tellable(str(error))}") from error

    async def _actor(self, session: AsyncSession, request: TokenRequest, subject: PresentedToken) -> dict[str, Any]:
        """Who acts now, and behind him those for whom he does (RFC 8693 §4.1)."""
        client = request.client.app_code
        acting: dict[str, Any] = {"sub": client}
        if "actor_token" in request.form:
            actor = (await self._presented(session, request, "actor_token")).claims
            if actor.client_id != client or actor.key_thumbprint not in (None, request.key_thumbprint):
                raise InvalidRequestError("The actor_token is not the client's own")
            acting = {"sub": actor.subject, "client_id": client}
        elif "actor_token_type" in request.form:
            raise InvalidRequestError("The actor_token_type is sent without an actor_token")
        if subject.act is not None:
            acting["act"] = subject.act
        if _depth(acting) > MOST_ACTORS:
            raise InvalidRequestError(f"At most {MOST_ACTORS} may act for each other, one behind the other")
        return acting

    async def _resource(self, session: AsyncSession, request: TokenRequest, claims: AccessClaims) -> str | None:
        """What the new token is for: what is asked for, and never another than the subject's token is for."""
        form = request.form
        asked = await self._resources.required(session, form.get("resource"))
        if "audience" in form:
            named = await self._resources.required(session, form["audience"])
            if asked is not None and named != asked:
                raise InvalidTarget("The audience and the resource are two different ones; send one")
            asked = asked or named
        if self._issuer.issuer in claims.audiences:
            return asked
        if len(claims.audiences) != 1 or asked not in (None, claims.audiences[0]):
            raise InvalidTarget("The subject_token is for another resource than is asked for")
        return claims.audiences[0]


def _narrowed(scope: str | None, claims: AccessClaims, covered: frozenset[str]) -> list[str]:
    asked = frozenset(scope.split()) if scope else covered
    missing = sorted(asked - covered)
    if missing:
        lacks = "the subject_token" if missing[0] not in claims.scopes else "a grant of both apps"
        raise InvalidScopeError(f"The scope {tellable(missing[0])} is more than {lacks} allows")
    require_sendable(asked)
    return sorted(asked)


def _check_may_act(may_act: dict[str, Any] | None, app_code: str) -> None:
    if may_act is not None and may_act.get("client_id", may_act.get("sub")) != app_code:
        raise InvalidRequestError("The subject_token says that another may act for its subject (may_act)")


def _depth(act: object) -> int:
    depth = 0
    while isinstance(act, dict):
        depth, act = depth + 1, act.get("act")
    return depth
