"""What a client's assertion says (RFC 7523 §3). Pure: no key is looked at."""

from dataclasses import dataclass
from typing import Any, Final

from kernel.signing import jws
from kernel.signing.errors import TokenInvalid

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS: Final = 3600
"""How far `exp` may lie ahead: as long is `jti` remembered."""

_SKEW_SECONDS = 30
_LONGEST_ID = 256
_TYPES = ("jwt", "client-authentication+jwt")


@dataclass(frozen=True, slots=True)
class Assertion:
    """Its signature is not verified.

    Attributes:
        key_id: which of the client's keys signed; `None` where it doesn't say.
        expires_at: seconds since 1970.
    """

    client_id: str
    alg: str
    key_id: str | None
    assertion_id: str
    expires_at: float


def read_assertion(text: str, *, issuer: str, now: float) -> Assertion:
    """The assertion, if it is meant for us and holds now.

    Its audience must be our issuer and nothing else: one made for several servers, or for the address of an endpoint,
    can be used at another server by whoever names our endpoint as his (RFC 7523bis).

    Raises:
        TokenInvalid: with what is wrong, whoever sent it.
    """
    header, claims = jws.unverified(text)
    if str(header.get("typ", "jwt")).lower() not in _TYPES:
        raise TokenInvalid("typ is none of a client's assertion")
    client_id = _text(claims, "sub")
    if _text(claims, "iss") != client_id:
        raise TokenInvalid("iss and sub are not both the client_id")
    if claims.get("aud") not in (issuer, [issuer]):
        raise TokenInvalid(f"aud is not {issuer} alone")
    if "nbf" in claims and _moment(claims, "nbf") > now + _SKEW_SECONDS:
        raise TokenInvalid("nbf lies in the future")
    if "iat" in claims and _moment(claims, "iat") > now + _SKEW_SECONDS:
        raise TokenInvalid("iat lies in the future")
    expires_at = _moment(claims, "exp")
    if not now < expires_at <= now + LONGEST_SECONDS + _SKEW_SECONDS:
        raise TokenInvalid(f"exp is over, or more than {LONGEST_SECONDS} seconds ahead")
    key_id = header.get("kid")
    return Assertion(
        client_id,
        str(header.get("alg")),
        key_id if isinstance(key_id, str) else None,
        _text(claims, "jti"),
        expires_at,
    )


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > _LONGEST_ID:
        raise TokenInvalid(f"{name} is missing, not text or too long")
    return value


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid(f"{name} is not a moment")
    return float(value)
