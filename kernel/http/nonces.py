"""Remembers the nonces of signed calls until they expire, so that none is accepted twice."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.db.types import UtcDateTime

_PURGE_EVERY = 500


class NonceStore(Protocol):
    async def take(self, system: str, nonce: str, created: float, expires: float) -> bool:
        """Whether the nonce is new; from now on it is not. Times are seconds since 1970."""
        ...


class MemoryNonces:
    """For a system that is served by one process alone.

    A signature made before this process began is refused: what an earlier process accepted is not known here.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now().timestamp()
        self._seen: dict[tuple[str, str], float] = {}

    async def take(self, system: str, nonce: str, created: float, expires: float) -> bool:
        if int(created) < int(self._began) or (system, nonce) in self._seen:
            return False
        if len(self._seen) >= _PURGE_EVERY and len(self._seen) % _PURGE_EVERY == 0:
            now = self._clock.now().timestamp()
            self._seen = {key: until for key, until in self._seen.items() if until > now}
        self._seen[system, nonce] = expires
        return True


class SeenNonce(SQLModel, table=True):
    __tablename__ = "kernel_seen_nonce"

    system: str = Field(primary_key=True, max_length=64)
    nonce: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class DatabaseNonces:
    """For a system that several processes serve, or that is restarted within a signature's life."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._taken = 0

    async def take(self, system: str, nonce: str, created: float, expires: float) -> bool:  # noqa: ARG002  the protocol's signature
        row = SeenNonce(system=system, nonce=nonce, expires_at=datetime.fromtimestamp(expires, UTC))
        try:
            async with self._database.unit_of_work() as session:
                session.add(row)
        except IntegrityError:
            return False
        self._taken += 1
        if self._taken % _PURGE_EVERY == 0:
            async with self._database.unit_of_work() as session:
                await session.execute(delete(SeenNonce).where(col(SeenNonce.expires_at) < self._clock.now()))
        return True
