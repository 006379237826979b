"""Tells at next to no cost whether the configuration may have changed: every process asks several times a second."""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import asyncpg

from kernel.db.database import Database

CHANNEL: Final = "trunkline_configuration"
"""On which PostgreSQL tells of publications, in the transaction of each."""
_NET_SECONDS: Final = 1.0
"""Between two looks on PostgreSQL where no word comes: a pooler between us may swallow it."""
_CONNECT_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 5.0
_REVISION: Final = "SELECT value, lineage FROM gateway_snapshot_revision WHERE id = 1"


class RevisionWatch(Protocol):
    async def may_have_changed(self) -> bool:
        """False only when what the last look saw is still so."""
        ...

    async def close(self) -> None: ...


def watch_of(database: Database, changed: Callable[[], None]) -> RevisionWatch:
    """Args:
    changed: called when word of a change comes by itself.
    """
    if database.is_sqlite:
        return SqliteWatch(database.engine.url.database or ":memory:")
    return PostgresWatch(database.url, changed)


class SqliteWatch:
    """Asks a connection of its own whether anybody has committed anything: that takes some microseconds."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, Any] | None = None

    async def may_have_changed(self) -> bool:
        try:
            return self._look()
        except sqlite3.Error:  # the load that follows tells what is wrong
            await self.close()
            return True

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._seen = None, None

    def _look(self) -> bool:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=0)
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if self._seen is not None and self._seen[0] == version:
            return False
        before, self._seen = self._seen, (version, self._connection.execute(_REVISION).fetchone())
        return before is None or before[1] != self._seen[1]


class PostgresWatch:
    """Listens on a connection of its own, and asks there once a second; without one every look is worth its cost."""

    def __init__(self, url: str, changed: Callable[[], None]) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._changed = changed
        self._connection: asyncpg.Connection | None = None
        self._next_look = 0.0
        self._next_try = 0.0
        self._seen: Any = None

    async def may_have_changed(self) -> bool:
        now = time.monotonic()
        if self._connection is None or self._connection.is_closed():
            await self._connect(now)
            return True
        if now < self._next_look:
            return False
        self._next_look = now + _NET_SECONDS
        try:
            before, self._seen = self._seen, await self._connection.fetchrow(_REVISION)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self.close()
            return True
        return bool(before != self._seen)

    async def close(self) -> None:
        connection, self._connection, self._seen = self._connection, None, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=1.0)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def _connect(self, now: float) -> None:
        if now < self._next_try:
            return
        self._connection, self._next_try = None, now + _AGAIN_SECONDS
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(self._url, timeout=_CONNECT_SECONDS, command_timeout=_CONNECT_SECONDS)
            try:
                await connection.add_listener(CHANNEL, lambda *_told: self._changed())
            except BaseException:  # stopped meanwhile, too: nobody else knows of it
                connection.terminate()
                raise
            self._connection = connection
