"""Keys with which the gateway signs to systems (contract `kernel.contracts.system_keys.SystemKeys`)."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import SystemKey
from gateway.registry.repository import current_key, current_keys, find_system
from gateway.registry.signing.profiles import JWT, MESSAGE_SIGNATURE
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.db.database import Database
from kernel.errors import NotFound
from kernel.secrets import SecretBox
from kernel.signing import algorithms
from kernel.signing.jwt import ESB_KEY_ID

HMAC: Final = "hmac-sha256"
_HMAC_BYTES = 32
_RSA_BITS = 2048

_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    secret: bytes
    public_key: str | None


async def make_key(profile: str, algorithm: str = HMAC) -> KeyMaterial | None:
    """A new key for a signing profile: 32 random bytes, or a pair made in a thread; none for profiles without keys."""
    if profile == JWT:
        return await asyncio.to_thread(_pair, _PAIRS["rs512"])
    if profile != MESSAGE_SIGNATURE:
        return None
    if algorithm == HMAC:
        return KeyMaterial(os.urandom(_HMAC_BYTES), None)
    return await asyncio.to_thread(_pair, _PAIRS[algorithm])


_PAIRS: Final[dict[str, Callable[[], _PrivateKey]]] = {
    "rs512": lambda: rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256-sha256": lambda: ec.generate_private_key(ec.SECP256R1()),
}


def _pair(generate: Callable[[], _PrivateKey]) -> KeyMaterial:
    key = generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyMaterial(private, public.decode())


def algorithm_of_key(key: SystemKey) -> str:
    """As RFC 9421 or, for `jwt`, RFC 7518 names it."""
    if key.profile == JWT:
        return "RS512"
    return algorithms.algorithm_of(algorithms.load_verification_key(key.public_key)) if key.public_key else HMAC


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """What a system needs to verify our calls.

    Attributes:
        secret: the shared key of `http-message-signature`; none where `public_key` (PEM) verifies.
    """

    profile: str
    key_id: str
    secret: bytes | None
    public_key: str | None


class SystemKeyring:
    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    async def ensure(self, session: AsyncSession, system: str, profile: str, material: KeyMaterial | None) -> bool:
        """Keeps `material` as the system's key for `profile` when there is none yet; says whether it did."""
        if material is None or await current_key(session, system, profile) is not None:
            return False
        if profile == JWT and system != ESB_KEY_ID:
            await self.ensure_esb_key(session)
        session.add(
            SystemKey(
                system=system,
                profile=profile,
                key_id=system,
                sealed=self._secrets.seal(material.secret, SIGNING_KEY),
                public_key=material.public_key,
            )
        )
        await session.flush()
        return True

    async def ensure_esb_key(self, session: AsyncSession) -> None:
        """One key signs `X-Bkapi-JWT` on the ESB's addresses for all systems: that is where backends look for it."""
        if await current_key(session, ESB_KEY_ID, JWT) is None:
            await self.ensure(session, ESB_KEY_ID, JWT, await make_key(JWT))

    async def keys_to_verify_with(self, session: AsyncSession, system: str) -> list[VerificationKey]:
        """Those that hold, of every profile the system has."""
        found: list[VerificationKey] = []
        for key in [*await current_keys(session, system, MESSAGE_SIGNATURE), *await _jwt_keys(session, system)]:
            secret = self._secrets.open(key.sealed, SIGNING_KEY) if key.public_key is None else None
            found.append(VerificationKey(key.profile, key.key_id, secret, key.public_key))
        return found

    async def verification_keys(self, system: str) -> dict[str, algorithms.VerificationKey]:
        """Key id → key, current and overlapping ones; empty when the system is not registered yet."""
        async with self._database.reading() as session:
            keys = await current_keys(session, system, MESSAGE_SIGNATURE)
        return {key.key_id: self._verifying(key) for key in keys}

    def _verifying(self, key: SystemKey) -> algorithms.VerificationKey:
        if key.public_key is not None:
            return algorithms.load_verification_key(key.public_key)
        return self._secrets.open(key.sealed, SIGNING_KEY)

    async def public_key(self, session: AsyncSession, system: str) -> str | None:
        """PEM of the key that now signs `X-Bkapi-JWT` to the system; none when it never did."""
        key = await current_key(session, system, JWT)
        return key.public_key if key is not None else None

    async def esb_public_key(self, session: AsyncSession, key_id: str) -> str | None:
        """PEM of a key that signs, will sign or did sign on the ESB's addresses; none when it is there no more."""
        keys = {key.key_id: key.public_key for key in await current_keys(session, ESB_KEY_ID, JWT)}
        return keys.get(key_id)

    async def jwks(self, session: AsyncSession, system: str) -> dict[str, Any]:
        """The public keys that hold, as RFC 7517 §5 writes them, the one that signs first; raises NotFound."""
        if system != ESB_KEY_ID and await find_system(session, system) is None:
            raise NotFound(f"There is no system {system}")
        keys = [*await _jwt_keys(session, system), *await current_keys(session, system, MESSAGE_SIGNATURE)]
        return {"keys": [_jwk(key) for key in keys if key.public_key is not None]}


async def _jwt_keys(session: AsyncSession, system: str) -> list[SystemKey]:
    """The system's own, and those that sign for all systems on the ESB's addresses."""
    own = await current_keys(session, system, JWT)
    return [*own, *await current_keys(session, ESB_KEY_ID, JWT)] if own and system != ESB_KEY_ID else own


def _jwk(key: SystemKey) -> dict[str, Any]:
    kind, alg = _JWK[algorithm_of_key(key)]
    return {**kind.import_key(key.public_key).as_dict(private=False), "kid": key.key_id, "alg": alg, "use": "sig"}


_JWK: Final[dict[str, tuple[Any, str]]] = {
    "RS512": (RSAKey, "RS512"),
    "ed25519": (OKPKey, "Ed25519"),
    "ecdsa-p256-sha256": (ECKey, "ES256"),
}
