"""Public keys as JSON (RFC 7517) and their thumbprints (RFC 7638), for the kinds of keys that sign tokens here."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import PublicKey, VerifyingKey

CURVES: Final = ("ES256", "Ed25519", "EdDSA")
"""Algorithms whose keys are short and quick to check; EdDSA is the older name of Ed25519 (RFC 9864)."""
ALL: Final = (*CURVES, "PS256", "RS256")

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_COORDINATE_BYTES = 32
_RSA_BITS = range(2048, 4097)
_EXPONENTS = range(3, 2**32)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Attributes:
    fixed: members that say which kind it is.
    values: members with the key's numbers, in base64url.
    """

    algorithms: tuple[str, ...]
    fixed: Mapping[str, str]
    values: tuple[str, ...]
    load: Callable[[list[bytes]], PublicKey]


def verifying_key(jwk: object, alg: str, algorithms: Collection[str] = CURVES) -> VerifyingKey:
    """The key of a JWK that verifies ``alg``, one of ``algorithms``; its ``kid`` here is its thumbprint.

    Raises:
        TokenInvalid: no public key for that algorithm, or one with its private part.
    """
    if not isinstance(jwk, dict):
        raise TokenInvalid("jwk is not an object")
    if not _PRIVATE.isdisjoint(jwk):
        raise TokenInvalid("jwk holds a private key; send the public part alone and make a new key")
    kind = _kind_of(jwk)
    if kind is None or alg not in kind.algorithms or alg not in algorithms:
        raise TokenInvalid(f"jwk is not a key for one of {', '.join(algorithms)}, or not for the algorithm named")
    values = tuple(jwk.get(name) for name in kind.values)
    if not all(isinstance(value, str) for value in values):
        raise TokenInvalid(f"jwk lacks {' or '.join(kind.values)}")
    return _load(_KINDS.index(kind), alg, values)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 §3, with SHA-256; of a JWK that ``verifying_key`` takes."""
    kind = _kind_of(jwk)
    if kind is None:
        raise TokenInvalid("jwk is of a kind that is not known here")
    required = {**kind.fixed, **{name: jwk[name] for name in kind.values}}
    text = json.dumps(required, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode("ascii")


@lru_cache(maxsize=4096)
def _load(index: int, alg: str, values: tuple[str, ...]) -> VerifyingKey:
    kind = _KINDS[index]
    kid = thumbprint({**kind.fixed, **dict(zip(kind.values, values, strict=True))})
    try:
        return VerifyingKey(kid, alg, kind.load([_bytes(value) for value in values]))
    except ValueError as problem:
        raise TokenInvalid("jwk is not a key: its numbers don't fit") from problem


def _kind_of(jwk: Mapping[str, Any]) -> _Kind | None:
    for kind in _KINDS:
        if all(jwk.get(name) == value for name, value in kind.fixed.items()):
            return kind
    return None


def _ec(numbers: list[bytes]) -> PublicKey:
    x, y = (int.from_bytes(_coordinate(number), "big") for number in numbers)
    return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()


def _ed(numbers: list[bytes]) -> PublicKey:
    return Ed25519PublicKey.from_public_bytes(_coordinate(numbers[0]))


def _rsa(numbers: list[bytes]) -> PublicKey:
    n, e = (int.from_bytes(number, "big") for number in numbers)
    if n.bit_length() not in _RSA_BITS or e not in _EXPONENTS:
        raise ValueError("an RSA key has 2048 to 4096 bits here")
    return RSAPublicNumbers(e, n).public_key()


_KINDS: Final = (
    _Kind(("ES256",), {"kty": "EC", "crv": "P-256"}, ("x", "y"), _ec),
    _Kind(("Ed25519", "EdDSA"), {"kty": "OKP", "crv": "Ed25519"}, ("x",), _ed),
    _Kind(("PS256", "RS256"), {"kty": "RSA"}, ("n", "e"), _rsa),
)


def _coordinate(value: bytes) -> bytes:
    if len(value) != _COORDINATE_BYTES:
        raise ValueError("a coordinate has 32 bytes")
    return value


def _bytes(text: str) -> bytes:
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise TokenInvalid("jwk is not base64url") from problem
    # One key has one spelling, so that it has one thumbprint.
    if base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii") != text:
        raise TokenInvalid("a number of jwk has not its one canonical form")
    return value
