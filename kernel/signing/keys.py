"""Public keys that verify tokens. The algorithm belongs to the key: what a token claims is only compared with it."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """``alg`` is one of ES256, Ed25519 (RFC 9864; EdDSA is its older name), PS256, RS256, RS512, and fits the key."""

    kid: str
    alg: str
    public_key: PublicKey
