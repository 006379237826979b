"""What a signed token of a foreign issuer says, once it is certain who signed it and for whom. Pure."""

from collections.abc import Mapping
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
"""Signed with the issuer's private key: neither `none` nor a shared secret proves who wrote it."""

_LEEWAY_SECONDS: Final = 60
_LONGEST_SUBJECT: Final = 255


class IdTokenRefused(Exception):
    """The message says why; it holds nothing of the token."""


class KeyUnknown(IdTokenRefused):
    """Signed with a key that is not among the issuer's keys as we know them; they may have changed."""


def signed_claims(token: str, keys: KeySet, issuer: str, audience: str, now: int) -> Mapping[str, Any]:
    """The claims of an ID token (OpenID Connect Core §2): signed by one of the keys, of this issuer, for this audience,
    and valid at `now`.

    Raises:
        IdTokenRefused: and KeyUnknown, its one kind that newer keys may mend.
    """
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
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise IdTokenRefused(
            f"its ID token is not for us: {getattr(error, 'claim', None) or 'a claim'} is wrong"
        ) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or "\x00" in subject:
        raise IdTokenRefused("its ID token names no subject")
    return claims


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    """A token that is good for years has not been written for this occasion."""
    issued = claims.get("iat")
    if isinstance(issued, int | float) and issued < now - 24 * 3600:
        raise IdTokenRefused("its ID token was written more than a day ago")
