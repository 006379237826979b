"""Passwords: Argon2id, computed in a thread so that the event loop goes on."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords; at most two at once, since each takes its 64 MiB."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits; for an unknown user and one without (`None`) it takes as long and says no."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        async with self._slots:
            fits = await asyncio.to_thread(self._check, stored or self._nobody, password)
        return fits and stored is not None

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
