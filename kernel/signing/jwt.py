"""``X-Bkapi-JWT``: how BlueKing gateways tell a backend who calls (RS512)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.signing import jws
from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import VerifyingKey

BACKDATED_SECONDS = 300
ESB_SECONDS = 900
GATEWAY_SECONDS = 1500
CACHE_SECONDS = 600
ESB_KEY_ID = "apigw"


@dataclass(frozen=True, slots=True)
class BackendIdentity:
    """Who calls, as a gateway told it; unverified parties are None."""

    app_code: str | None
    username: str | None
    issuer: str
    key_id: str


@lru_cache(maxsize=1024)
def load_private_key(pem: bytes) -> RSAPrivateKey:
    """An RSA key of at least 2048 bits; raises ValueError. Remembered: to check a key takes tens of milliseconds."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:  # noqa: PLR2004 - RFC 7518 §3.3
        raise ValueError("expected a PEM private RSA key of at least 2048 bits")
    return key


def sign_for_gateway_shape(
    key: RSAPrivateKey, *, key_id: str, issuer: str, app_code: str | None, username: str | None, now: int
) -> str:
    """The token of the API Gateway, for calls to ``/api/{system}/{stage}/…``."""
    claims = {
        "iss": issuer,
        "nbf": now - BACKDATED_SECONDS,
        "exp": now + GATEWAY_SECONDS,
        "app": _party("app_code", app_code, app_code is not None),
        "user": _party("username", username, username is not None),
    }
    return jws.encode({"alg": "RS512", "typ": "JWT", "kid": key_id, "iat": now, "iss": issuer}, claims, key)


def sign_for_esb_shape(
    key: RSAPrivateKey, *, key_id: str = ESB_KEY_ID, issuer: str, app_code: str | None, username: str | None, now: int
) -> str:
    """The token of the ESB, for calls to ``/api/c/compapi/…``."""
    claims = {
        "iss": issuer,
        "nbf": now - BACKDATED_SECONDS,
        "exp": now + ESB_SECONDS,
        "app": {"version": 1, "bk_app_code": app_code or "", "verified": app_code is not None},
        "user": {"version": 1, "bk_username": username or "", "verified": username is not None},
    }
    return jws.encode({"alg": "RS512", "typ": "JWT", "kid": key_id, "iat": now}, claims, key)


def verify_jwt(token: str, keys: Mapping[str, VerifyingKey], *, now: float) -> BackendIdentity:
    """Who calls, by a token of either shape; raises TokenInvalid. ``exp`` is required, unlike BlueKing's readers."""
    header, claims = jws.decode(token, keys)
    expires_at, not_before = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires_at, int | float) or not isinstance(not_before, int | float):
        raise TokenInvalid("the token's exp or nbf is not a moment")
    if expires_at <= now or not_before > now:
        raise TokenInvalid("the token has expired or is not valid yet")
    return BackendIdentity(
        app_code=_verified(claims.get("app"), "app_code"),
        username=_verified(claims.get("user"), "username"),
        issuer=str(claims.get("iss", "")),
        key_id=str(header["kid"]),
    )


def _party(name: str, value: str | None, verified: bool) -> dict[str, Any]:  # noqa: FBT001 - private, one line each
    reason = "" if verified else f"{name.split('_', maxsplit=1)[0]} is not verified"
    return {"version": 1, name: value or "", "verified": verified, "valid_error_message": reason}


def _verified(party: object, name: str) -> str | None:
    if not isinstance(party, dict) or party.get("verified") is not True:
        return None
    value = party.get(name) or party.get(f"bk_{name}")
    return value if isinstance(value, str) and value and value.isprintable() else None
