"""What an ID token says, once it is certain that it is meant for us (OpenID Connect Core §3.1.3.7). Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signed with the provider's private key: neither `none` nor a shared secret proves who wrote it."""

_LEEWAY_SECONDS: Final = 60
_LONGEST_SUBJECT: Final = 255


class IdTokenRefused(Exception):
    """The message says why; it holds nothing of the token."""


class KeyUnknown(IdTokenRefused):
    """Signed with a key that is not among the provider's keys as we know them; they may have changed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What our request asked for."""

    issuer: str
    client_id: str
    nonce: str


def verified_claims(token: str, keys: KeySet, expected: Expected, now: int) -> Mapping[str, Any]:
    """The claims; raises IdTokenRefused."""
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except InvalidKeyIdError as error:
        raise KeyUnknown("its ID token is signed with an unknown key") from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise IdTokenRefused("its ID token is not signed as it must be") from error
    _check_times(claims, now)
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise IdTokenRefused(
            f"its ID token is not for us: {getattr(error, 'claim', None) or 'a claim'} is wrong"
        ) from error
    _check_audience(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "surrogatepass"), expected.nonce.encode()
    ):
        raise IdTokenRefused("its ID token answers another request than ours: the nonce differs")
    if not claims["sub"] or len(claims["sub"]) > _LONGEST_SUBJECT:
        raise IdTokenRefused("its ID token names no subject")
    return claims


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    """A token that is good for years has not been written for this sign-in."""
    issued = claims.get("iat")
    if isinstance(issued, int | float) and issued < now - 24 * 3600:
        raise IdTokenRefused("its ID token was written more than a day ago")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences is ours only where it was given to us."""
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    party = claims.get("azp")
    if (is_shared or party is not None) and party != client_id:
        raise IdTokenRefused("its ID token was given to another client")
