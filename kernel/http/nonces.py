"""Remembers the nonces of signed calls until they expire, so that none is accepted twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.db.types import UtcDateTime

_PURGE_EVERY = 500
_AT_ONCE = 200


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


class _Asked(NamedTuple):
    key: tuple[str, str]
    expires_at: datetime
    answer: asyncio.Future[bool]


class DatabaseNonces:
    """For a system that several processes serve, or that is restarted within a signature's life.

    What comes while one transaction is under way goes into the next: many calls at once cost few commits.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        build = sqlite.insert if database.is_sqlite else postgresql.insert
        # Of the table, with its rows as parameters: so it is compiled once, not for every call.
        table = SQLModel.metadata.tables[SeenNonce.__tablename__]
        self._statement = build(table).on_conflict_do_nothing().returning(table.c.system, table.c.nonce)
        self._taken = 0
        self._waiting: list[_Asked] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, system: str, nonce: str, created: float, expires: float) -> bool:  # noqa: ARG002  the protocol's signature
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked((system, nonce), datetime.fromtimestamp(expires, UTC), answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="nonces")
        return await answer

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                await self._write(batch)
        finally:
            self._writing = None

    async def _write(self, batch: list[_Asked]) -> None:
        try:
            new = await self._insert(batch)
        except Exception as error:  # noqa: BLE001  it is raised where each of them waits
            for asked in batch:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
            return
        for asked in batch:
            is_new = asked.key in new
            new.discard(asked.key)  # of two alike in one batch the first is taken
            if not asked.answer.done():
                asked.answer.set_result(is_new)

    async def _insert(self, batch: Sequence[_Asked]) -> set[tuple[str, str]]:
        """Keeps them; answers those nobody had taken."""
        values = {
            asked.key: {"system": asked.key[0], "nonce": asked.key[1], "expires_at": asked.expires_at}
            for asked in batch
        }
        before = self._taken
        self._taken += len(values)
        async with self._database.unit_of_work() as session:
            # In one order everywhere: two processes that meet at the same nonces must not wait for each other.
            found = await session.execute(self._statement, [values[key] for key in sorted(values)])
            new = {(system, nonce) for system, nonce in found}
            if before // _PURGE_EVERY != self._taken // _PURGE_EVERY:
                await session.execute(delete(SeenNonce).where(col(SeenNonce.expires_at) < self._clock.now()))
        return new
