"""Public keys as JSON (RFC 7517) and their thumbprints (RFC 7638), for the kinds of keys that sign tokens here."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import PublicKey, VerifyingKey

ALGORITHMS: Final = ("ES256", "Ed25519", "EdDSA")
"""Whose public keys are read; EdDSA is the older name of Ed25519 (RFC 9864)."""

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_SHAPES: Final = {("EC", "P-256"): ("x", "y"), ("OKP", "Ed25519"): ("x",)}
_COORDINATE_BYTES = 32


def verifying_key(jwk: object, alg: str) -> VerifyingKey:
    """The key of a JWK that verifies ``alg``; its ``kid`` here is its thumbprint.

    Raises:
        TokenInvalid: no public key for that algorithm, or one with its private part.
    """
    if not isinstance(jwk, dict):
        raise TokenInvalid("jwk is not an object")
    if not _PRIVATE.isdisjoint(jwk):
        raise TokenInvalid("jwk holds a private key; send the public part alone and make a new key")
    shape = _SHAPES.get((str(jwk.get("kty")), str(jwk.get("crv"))))
    if shape is None or (alg == "ES256") != (jwk["crv"] == "P-256") or alg not in ALGORITHMS:
        raise TokenInvalid(f"jwk is not a key for one of {', '.join(ALGORITHMS)}, or not for the algorithm named")
    values = tuple(jwk.get(name) for name in shape)
    if not all(isinstance(value, str) for value in values):
        raise TokenInvalid(f"jwk lacks {' or '.join(shape)}")
    return _load(jwk["crv"], alg, values)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 §3, with SHA-256; of a JWK that ``verifying_key`` takes."""
    shape = _SHAPES[jwk["kty"], jwk["crv"]]
    required = {"crv": jwk["crv"], "kty": jwk["kty"], **{name: jwk[name] for name in shape}}
    text = json.dumps(required, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode("ascii")


@lru_cache(maxsize=4096)
def _load(curve: str, alg: str, values: tuple[str, ...]) -> VerifyingKey:
    kinds = {crv: (kty, names) for (kty, crv), names in _SHAPES.items()}
    kty, names = kinds[curve]
    kid = thumbprint({"kty": kty, "crv": curve, **dict(zip(names, values, strict=True))})
    return VerifyingKey(kid, alg, _public_key([_coordinate(value) for value in values]))


def _public_key(coordinates: list[bytes]) -> PublicKey:
    try:
        if len(coordinates) == 1:
            return Ed25519PublicKey.from_public_bytes(coordinates[0])
        x, y = (int.from_bytes(coordinate, "big") for coordinate in coordinates)
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as problem:
        raise TokenInvalid("jwk is not a point of its curve") from problem


def _coordinate(text: str) -> bytes:
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise TokenInvalid("jwk is not base64url") from problem
    # One key has one spelling, so that it has one thumbprint.
    if len(value) != _COORDINATE_BYTES or base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii") != text:
        raise TokenInvalid("a coordinate of jwk has not its one canonical form")
    return value
