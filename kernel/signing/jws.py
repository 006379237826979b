"""Compact JWS (RFC 7515) with ES256, Ed25519 (also by its older name EdDSA), PS256, RS256 and RS512; nothing else."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import VerifyingKey

_LONGEST = 8192
_ES256_BYTES = 64
_RSA: dict[str, tuple[PKCS1v15 | PSS, hashes.HashAlgorithm]] = {
    "RS512": (PKCS1v15(), hashes.SHA512()),
    "RS256": (PKCS1v15(), hashes.SHA256()),
    "PS256": (PSS(MGF1(hashes.SHA256()), 32), hashes.SHA256()),
}


def decode(token: str, keys: Mapping[str, VerifyingKey]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token whose signature holds; raises TokenInvalid.

    The key is found by ``kid`` alone, its algorithm must be the one the header names, and ``crit`` is refused,
    since no extension is understood (RFC 8725 §3.1, RFC 7515 §4.1.11).
    """
    parts = _split(token)
    header = _json_object(parts[0])
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenInvalid("the token's key is not known here")
    return header, _claims(parts, header, key)


def decode_with(token: str, key_of: Callable[[dict[str, Any]], VerifyingKey]) -> tuple[dict[str, Any], dict[str, Any]]:
    """As `decode`, with the key the header leads to; ``key_of`` raises TokenInvalid for one that does not count."""
    parts = _split(token)
    header = _json_object(parts[0])
    return header, _claims(parts, header, key_of(header))


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims as they stand, to find out whose keys must verify them; raises TokenInvalid."""
    parts = _split(token)
    return _json_object(parts[0]), _json_object(parts[1])


def encode(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    key: RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey,
) -> str:
    """A signed token: with RSA by RS512, with a key on P-256 by ES256. ``alg`` of the header must say so."""
    signed = f"{_text(header)}.{_text(claims)}"
    return f"{signed}.{_encode(_signature(signed.encode('ascii'), key))}"


def _signature(signed: bytes, key: RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(signed, PKCS1v15(), hashes.SHA512())
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(signed)
    r, s = decode_dss_signature(key.sign(signed, ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _split(token: str) -> list[str]:
    if len(token) > _LONGEST:
        raise TokenInvalid("the token is too long")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims and signature
        raise TokenInvalid("not a signed token")
    if not token.isascii():
        raise TokenInvalid("the token is not base64url")
    return parts


def _claims(parts: list[str], header: dict[str, Any], key: VerifyingKey) -> dict[str, Any]:
    if header.get("alg") != key.alg or "crit" in header:
        raise TokenInvalid("the token's algorithm is not its key's")
    _check(key, f"{parts[0]}.{parts[1]}".encode("ascii"), _bytes(parts[2]))
    return _json_object(parts[1])


def _check(key: VerifyingKey, signed: bytes, signature: bytes) -> None:
    public = key.public_key
    try:
        if key.alg == "ES256" and isinstance(public, EllipticCurvePublicKey) and len(signature) == _ES256_BYTES:
            pair = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            public.verify(encode_dss_signature(*pair), signed, ECDSA(hashes.SHA256()))
        elif key.alg in ("EdDSA", "Ed25519") and isinstance(public, Ed25519PublicKey):
            public.verify(signature, signed)
        elif key.alg in _RSA and isinstance(public, RSAPublicKey):
            public.verify(signature, signed, *_RSA[key.alg])
        else:
            raise TokenInvalid("the token's signature does not hold")
    except InvalidSignature as problem:
        raise TokenInvalid("the token's signature does not hold") from problem


def _bytes(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise TokenInvalid("the token is not base64url") from problem
    if _encode(decoded) != text:
        raise TokenInvalid("the token is not base64url in its one canonical form")
    return decoded


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _text(value: Mapping[str, Any]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(text))
    except (ValueError, RecursionError) as problem:
        raise TokenInvalid("the token does not hold JSON") from problem
    if not isinstance(value, dict):
        raise TokenInvalid("the token does not hold a JSON object")
    return value
