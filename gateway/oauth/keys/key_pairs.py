"""The kinds of keys our tokens can be signed with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import ECKey, OKPKey

from kernel.signing import jws
from kernel.signing.keys import VerifyingKey

Algorithm = Literal["ES256", "EdDSA"]
"""EdDSA is with Ed25519; its newer name (RFC 9864) is one that many clients don't know yet."""

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class KeyPair:
    """As PEM."""

    private: bytes
    public: str


@dataclass(frozen=True, slots=True)
class Signer:
    kid: str
    alg: str
    key: PrivateKey

    def token(self, typ: str, claims: dict[str, Any]) -> str:
        """A signed JWT.

        Args:
            typ: of its header, e.g. `at+jwt`.
        """
        return jws.encode({"alg": self.alg, "typ": typ, "kid": self.kid}, claims, self.key)


def make_pair(algorithm: str) -> KeyPair:
    private = _MAKERS[algorithm]()
    public = private.public_key()
    return KeyPair(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
    )


def open_signer(kid: str, alg: str, pem: bytes) -> Signer:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, PrivateKey):
        raise TypeError(f"The signing key {kid} is of another kind than {alg}")
    return Signer(kid, alg, key)


@lru_cache(maxsize=64)
def verifying_key(kid: str, alg: str, public_key: str) -> VerifyingKey:
    """Of one of our own keys; remembered, since there are few."""
    key = serialization.load_pem_public_key(public_key.encode())
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
        raise TypeError(f"The signing key {kid} is of another kind than {alg}")
    return VerifyingKey(kid, alg, key)


def jwk(kid: str, alg: str, public_key: str) -> dict[str, Any]:
    """A public key as RFC 7517 §4 writes it."""
    kind = ECKey if alg == "ES256" else OKPKey
    return {**kind.import_key(public_key).as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"}


_MAKERS: Final[dict[str, Callable[[], PrivateKey]]] = {
    "ES256": lambda: generate_private_key(SECP256R1()),
    "EdDSA": Ed25519PrivateKey.generate,
}
