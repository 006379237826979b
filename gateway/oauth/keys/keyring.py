"""The keys access tokens are signed with (ES256), sealed at rest."""

from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.oauth.keys.models import SigningKey
from kernel.ids import new_id
from kernel.secrets import SecretBox

ALGORITHM: Final = "ES256"
_PURPOSE = "oauth signing key"


@dataclass(frozen=True, slots=True)
class Signer:
    kid: str
    key: ECKey


class SigningKeyring:
    """Reads keys from the database once per key: private keys are opened and kept in memory."""

    def __init__(self, secrets: SecretBox) -> None:
        self._secrets = secrets
        self._opened: dict[str, Signer] = {}

    async def ensure(self, session: AsyncSession) -> bool:
        """Makes the first key when there is none; says whether it did."""
        if await self._newest(session) is not None:
            return False
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        session.add(
            SigningKey(
                kid=new_id(),
                alg=ALGORITHM,
                sealed_private_key=self._secrets.seal(pem, _PURPOSE),
                public_key=public.decode(),
            )
        )
        await session.flush()
        return True

    async def signer(self, session: AsyncSession) -> Signer:
        """The newest key that isn't retired."""
        newest = await self._newest(session)
        if newest is None:
            raise RuntimeError("There is no signing key; the gateway makes one when it starts")
        if newest.kid not in self._opened:
            pem = self._secrets.open(newest.sealed_private_key, _PURPOSE)
            self._opened[newest.kid] = Signer(newest.kid, ECKey.import_key(pem))
        return self._opened[newest.kid]

    async def public_keys(self, session: AsyncSession) -> list[SigningKey]:
        rows = await session.execute(select(SigningKey).order_by(col(SigningKey.kid)))
        return list(rows.scalars())

    async def _newest(self, session: AsyncSession) -> SigningKey | None:
        rows = await session.execute(
            select(SigningKey).where(col(SigningKey.retired_at).is_(None)).order_by(col(SigningKey.kid).desc()).limit(1)
        )
        return rows.scalar_one_or_none()


def jwk_set(keys: list[SigningKey]) -> dict[str, Any]:
    """Public keys as RFC 7517 §5 writes them."""
    return {
        "keys": [
            {
                **ECKey.import_key(key.public_key).as_dict(private=False),
                "kid": key.kid,
                "alg": key.alg,
                "use": "sig",
            }
            for key in keys
        ]
    }
