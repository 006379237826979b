"""Tokens of admitted issuers: who signed them, for us, and of whom they speak."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass

from kernel.clock import Clock
from kernel.errors import NotAuthenticated, Unavailable
from kernel.oidc.claims import IdTokenRefused, KeyUnknown, signed_claims
from kernel.oidc.documents import IssuerDocuments
from kernel.oidc.provider_http import ProviderUnusable

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks of."""

    issuer: str
    subject: str


class IdentityTokens:
    """Args:
    issuers: those whose tokens are admitted.
    audience: what a token must be made for.
    """

    def __init__(self, documents: IssuerDocuments, issuers: Collection[str], audience: str, clock: Clock) -> None:
        self._documents = documents
        self._issuers = frozenset(issuers)
        self._audience = audience
        self._clock = clock

    async def bearer(self, token: str) -> Bearer:
        """Outside of any transaction.

        Raises:
            NotAuthenticated: the token doesn't hold.
            Unavailable: its issuer can't be asked for its keys.
        """
        issuer = _claimed_issuer(token)
        if issuer not in self._issuers:
            raise NotAuthenticated("The token is of no issuer that is admitted here")
        try:
            claims = await self._claims(token, issuer)
        except IdTokenRefused as error:
            raise NotAuthenticated(f"The token does not hold: {error}") from error
        except ProviderUnusable as error:
            raise Unavailable(f"The token's issuer can't be asked: {error}") from error
        return Bearer(issuer, str(claims["sub"]))

    async def _claims(self, token: str, issuer: str) -> "dict[str, object]":
        address = (await self._documents.configuration(issuer))["jwks_uri"]
        now = int(self._clock.now().timestamp())
        try:
            keys = await self._documents.keys(address)
            return dict(signed_claims(token, keys, issuer, self._audience, now))
        except KeyUnknown:
            keys = await self._documents.keys(address, renewed=True)
            return dict(signed_claims(token, keys, issuer, self._audience, now))


def _claimed_issuer(token: str) -> str:
    """What the token says before anything of it is believed: it chooses whose keys are asked."""
    parts = token.split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError) as error:
        raise NotAuthenticated("The token is no signed token") from error
    issuer = claims.get("iss") if isinstance(claims, dict) and len(parts) == _PARTS else None
    if not isinstance(issuer, str):
        raise NotAuthenticated("The token is no signed token")
    return issuer
