"""Keys with which the gateway signs to systems (contract `kernel.contracts.system_keys.SystemKeys`)."""

import asyncio
import os
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import SystemKey
from gateway.registry.repository import current_key, current_keys
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.db.database import Database
from kernel.secrets import SecretBox

MESSAGE_SIGNATURE: Final = "http-message-signature"
JWT: Final = "jwt"
_HMAC_BYTES = 32
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    secret: bytes
    public_key: str | None


async def make_key(profile: str) -> KeyMaterial | None:
    """A new key for a signing profile: 32 random bytes, or an RSA pair made in a thread; none for `none`."""
    if profile == MESSAGE_SIGNATURE:
        return KeyMaterial(os.urandom(_HMAC_BYTES), None)
    if profile == JWT:
        return await asyncio.to_thread(_rsa_pair)
    return None


def _rsa_pair() -> KeyMaterial:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyMaterial(private, public.decode())


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """What a system needs to verify our calls.

    Attributes:
        secret: the shared key of `http-message-signature`; none for `jwt`, which is verified with `public_key` (PEM).
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

    async def keys_to_verify_with(self, session: AsyncSession, system: str) -> list[VerificationKey]:
        """Those that hold, of every profile the system has."""
        found: list[VerificationKey] = []
        for profile in (MESSAGE_SIGNATURE, JWT):
            for key in await current_keys(session, system, profile):
                secret = self._secrets.open(key.sealed, SIGNING_KEY) if key.public_key is None else None
                found.append(VerificationKey(profile, key.key_id, secret, key.public_key))
        return found

    async def verification_keys(self, system: str) -> dict[str, bytes]:
        """Key id → HMAC key, current and overlapping ones; empty when the system is not registered yet."""
        async with self._database.reading() as session:
            keys = await current_keys(session, system, MESSAGE_SIGNATURE)
        return {key.key_id: self._secrets.open(key.sealed, SIGNING_KEY) for key in keys}
