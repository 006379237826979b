"""Whose tokens are accepted, and which of them no longer are.

::

    {"kind": "keys", "issuer": "https://gw.example", "audience": "https://gw.example/api",
     "keys": [{"kid": "2026-01", "alg": "ES256", "public_key": "-----BEGIN PUBLIC KEY-----…"}],
     "trusted_gateways": [{"kid": "apigw", "alg": "RS512", "public_key": "-----BEGIN PUBLIC KEY-----…"}]}

    {"kind": "revocations",
     "tokens": [{"jti": "…", "expires_at": 1767225600}],
     "authorizations": [{"sid": "…", "expires_at": 1767225600}],
     "apps": [{"app_code": "shop", "issued_before": 1767225600}],
     "users": [{"username": "ann", "issued_before": 1767225600}]}
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.snapshot.model.documents import epoch, need, objects, read_source, source_of
from gateway.snapshot.model.errors import ShardError
from kernel.signing.keys import PublicKey, VerifyingKey


@dataclass(frozen=True, slots=True, eq=False)
class KeysShard:
    """Keys of our own access tokens, and of gateways whose ``X-Bkapi-JWT`` is believed."""

    issuer: str
    audience: str
    keys: Mapping[str, VerifyingKey]
    trusted_gateways: Mapping[str, VerifyingKey]
    source: str = field(repr=False)

    @property
    def key(self) -> str:
        return "keys"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "KeysShard":
        """Compiles the document; raises ShardError naming the field."""
        return cls(
            issuer=need(document, "issuer", str),
            audience=need(document, "audience", str),
            keys=_keys(document, "keys", ("ES256", "Ed25519", "EdDSA")),
            trusted_gateways=_keys(document, "trusted_gateways", ("RS512",)),
            source=source_of(document),
        )

    def to_document(self) -> Mapping[str, Any]:
        return read_source(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class RevocationsShard:
    """``tokens`` are revoked ``jti``s, ``authorizations`` the ``sid``s of which all tokens are (with the expiry of the
    last of them); of ``apps`` and ``users`` all earlier tokens are void.
    """

    tokens: Mapping[str, float]
    authorizations: Mapping[str, float]
    apps: Mapping[str, float]
    users: Mapping[str, float]
    holds_any: bool
    source: str = field(repr=False)

    @property
    def key(self) -> str:
        return "revocations"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RevocationsShard":
        """Compiles the document; raises ShardError naming the field."""
        tokens = _moments(document, "tokens", "jti", "expires_at")
        authorizations = _moments(document, "authorizations", "sid", "expires_at")
        apps = _moments(document, "apps", "app_code", "issued_before")
        users = _moments(document, "users", "username", "issued_before")
        holds_any = any((tokens, authorizations, apps, users))
        return cls(tokens, authorizations, apps, users, holds_any, source_of(document))

    def to_document(self) -> Mapping[str, Any]:
        return read_source(self.source)

    def covers(
        self,
        jti: str,
        app_code: str,
        issued_at: float,
        authorization_id: str = "",
        user: str | None = None,
        origins: Iterable[tuple[str, str]] = (),
    ) -> bool:
        """Whether a token is revoked: itself, what it came of, or all of its app's or user's earlier tokens.

        ``origins`` are ``jti`` and app of each token it was exchanged from.
        """
        return (
            jti in self.tokens
            or authorization_id in self.authorizations
            or self.apps.get(app_code, 0.0) > issued_at
            or (user is not None and self.users.get(user, 0.0) > issued_at)
            # What was revoked before is exchanged no more, so the time of the token itself is compared.
            or any(origin in self.tokens or self.apps.get(app, 0.0) > issued_at for origin, app in origins)
        )


def _moments(document: Mapping[str, Any], part: str, name: str, moment: str) -> Mapping[str, float]:
    return MappingProxyType({need(item, name, str): epoch(item, moment) or 0.0 for item in objects(document, part)})


def _keys(document: Mapping[str, Any], field_name: str, algorithms: tuple[str, ...]) -> Mapping[str, VerifyingKey]:
    found: dict[str, VerifyingKey] = {}
    for item in objects(document, field_name):
        alg = need(item, "alg", str)
        if alg not in algorithms:
            raise ShardError(f"{field_name}.alg: {alg} is not one of {', '.join(algorithms)}")
        kid = need(item, "kid", str)
        found[kid] = VerifyingKey(kid, alg, _public_key(need(item, "public_key", str), alg, field_name))
    return MappingProxyType(found)


def _public_key(pem: str, alg: str, field_name: str) -> PublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise ShardError(f"{field_name}.public_key: not a PEM public key") from problem
    fits = {
        "ES256": isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1),
        "Ed25519": isinstance(key, Ed25519PublicKey),
        "EdDSA": isinstance(key, Ed25519PublicKey),
        "RS512": isinstance(key, RSAPublicKey) and key.key_size >= 2048,  # noqa: PLR2004 - RFC 7518 §3.3
    }
    if not fits[alg]:
        raise ShardError(f"{field_name}.public_key: not a key for {alg}")
    return cast("PublicKey", key)
