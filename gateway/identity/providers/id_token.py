"""What an ID token says, once it is certain that it is meant for us (OpenID Connect Core §3.1.3.7). Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import KeySet

from kernel.oidc.claims import IdTokenRefused, signed_claims


@dataclass(frozen=True, slots=True)
class Expected:
    """What our request asked for."""

    issuer: str
    client_id: str
    nonce: str


def verified_claims(token: str, keys: KeySet, expected: Expected, now: int) -> Mapping[str, Any]:
    """The claims; raises as `signed_claims`."""
    claims = signed_claims(token, keys, expected.issuer, expected.client_id, now)
    _check_audience(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "surrogatepass"), expected.nonce.encode()
    ):
        raise IdTokenRefused("its ID token answers another request than ours: the nonce differs")
    return claims


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences is ours only where it was given to us."""
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    party = claims.get("azp")
    if (is_shared or party is not None) and party != client_id:
        raise IdTokenRefused("its ID token was given to another client")
