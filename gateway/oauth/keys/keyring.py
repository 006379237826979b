"""The keys access tokens are signed with, sealed at rest."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.keys.key_pairs import Algorithm, Signer, jwk, make_pair, open_signer
from gateway.oauth.keys.models import SigningKey
from gateway.oauth.keys.repository import key_in_use, told_keys
from kernel.clock import Clock
from kernel.ids import new_id
from kernel.secrets import SecretBox

_PURPOSE = "oauth signing key"


class SigningKeyring:
    """Opens private keys; the one in use is kept in memory.

    Args:
        algorithm: of new keys.
    """

    def __init__(self, secrets: SecretBox, clock: Clock, algorithm: Algorithm = "ES256") -> None:
        self._secrets = secrets
        self._clock = clock
        self._algorithm = algorithm
        self._opened: Signer | None = None

    async def ensure(self, session: AsyncSession) -> bool:
        """Makes the first key when there is none; says whether it did."""
        if await key_in_use(session) is not None:
            return False
        self.add(session, signs_from=self._clock.now(), signs=True)
        await session.flush()
        return True

    def add(
        self, session: AsyncSession, *, signs_from: datetime, signs: bool, algorithm: Algorithm | None = None
    ) -> SigningKey:
        """A new key."""
        alg = algorithm or self._algorithm
        pair = make_pair(alg)
        key = SigningKey(
            kid=new_id(),
            alg=alg,
            sealed_private_key=self._secrets.seal(pair.private, _PURPOSE),
            public_key=pair.public,
            created_at=self._clock.now(),
            signs=signs,
            signs_from=signs_from,
        )
        session.add(key)
        return key

    async def signer(self, session: AsyncSession) -> Signer:
        """The newest key that has begun to sign."""
        key = await key_in_use(session)
        if key is None or key.sealed_private_key is None:
            raise RuntimeError("There is no signing key; the gateway makes one when it starts")
        if self._opened is None or self._opened.kid != key.kid:
            self._opened = open_signer(key.kid, key.alg, self._secrets.open(key.sealed_private_key, _PURPOSE))
        return self._opened

    async def public_keys(self, session: AsyncSession) -> list[SigningKey]:
        """Those that verify, or will."""
        return await told_keys(session)


def jwk_set(keys: list[SigningKey]) -> dict[str, Any]:
    """Public keys as RFC 7517 §5 writes them."""
    return {"keys": [jwk(key.kid, key.alg, key.public_key) for key in keys]}
