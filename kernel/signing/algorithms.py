"""The signature algorithms of RFC 9421 §3.3. The algorithm belongs to the key, so no message can choose another."""

import hmac
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from kernel.signing.errors import SignatureInvalid

SigningKey = bytes | Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
VerificationKey = bytes | Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

_LITTLE_SECRET = 16
_P256_BYTES = 64
_LITTLE_RSA = 2048
_PSS = PSS(MGF1(SHA512()), 64)


def algorithm_of(key: SigningKey | VerificationKey) -> str:
    """By its registered name (RFC 9421 §6.2.2)."""
    if isinstance(key, bytes):
        return "hmac-sha256"
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return "ed25519"
    return "rsa-pss-sha512" if isinstance(key, RSAPrivateKey | RSAPublicKey) else "ecdsa-p256-sha256"


def load_signing_key(secret: bytes) -> SigningKey:
    """A private key from its PEM, anything else is a shared secret; raises ValueError for one that is not usable."""
    if not secret.startswith(b"-----BEGIN"):
        if len(secret) < _LITTLE_SECRET:
            raise ValueError(f"a shared secret has at least {_LITTLE_SECRET} bytes")
        return secret
    key = load_pem_private_key(secret, password=None)
    if not isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey):
        raise ValueError("expected an Ed25519, P-256 or RSA key")  # noqa: TRY004 - the text is wrong, not its type
    return cast("SigningKey", _usable(key))


def load_verification_key(pem: str) -> VerificationKey:
    """A public key from its PEM; raises ValueError."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey):
        raise ValueError("expected an Ed25519, P-256 or RSA key")  # noqa: TRY004 - as above
    return cast("VerificationKey", _usable(key))


def _usable(key: SigningKey | VerificationKey) -> SigningKey | VerificationKey:
    if isinstance(key, EllipticCurvePrivateKey | EllipticCurvePublicKey) and not isinstance(key.curve, SECP256R1):
        raise ValueError("expected a key on the curve P-256")  # noqa: TRY004 - as above
    if isinstance(key, RSAPrivateKey | RSAPublicKey) and key.key_size < _LITTLE_RSA:
        raise ValueError(f"expected an RSA key of at least {_LITTLE_RSA} bits")
    return key


def sign(text: bytes, key: SigningKey) -> bytes:
    if isinstance(key, bytes):
        return hmac.digest(key, text, "sha256")
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(text)
    if isinstance(key, RSAPrivateKey):
        return key.sign(text, _PSS, SHA512())
    r, s = decode_dss_signature(key.sign(text, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(text: bytes, signature: bytes, key: VerificationKey) -> None:
    """Raises SignatureInvalid unless the signature holds."""
    if isinstance(key, bytes):
        if len(key) < _LITTLE_SECRET or not hmac.compare_digest(hmac.digest(key, text, "sha256"), signature):
            raise SignatureInvalid("the signature does not hold")
        return
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, text)
        elif isinstance(key, RSAPublicKey):
            key.verify(signature, text, _PSS, SHA512())
        elif len(signature) == _P256_BYTES:
            pair = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(*pair), text, ECDSA(SHA256()))
        else:
            raise SignatureInvalid("the signature does not hold")
    except InvalidSignature as problem:
        raise SignatureInvalid("the signature does not hold") from problem
