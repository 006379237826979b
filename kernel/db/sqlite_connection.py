"""SQLite's driver for SQLAlchemy, with one way to the connection's thread and back for each statement.

aiosqlite goes that way four times, to make a cursor, to execute, to fetch and to close, and each costs more than most
statements do.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite

_NO_PARAMETERS: tuple[Any, ...] = ()
_CHUNK = 64


class OneTripConnection(aiosqlite.Connection):
    """Rows are read at once, so that a cursor is never left open: whoever is cancelled meanwhile leaves no statement
    behind that would keep its connection from being closed, and others from writing.
    """

    _beginning = ""
    _stopped: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        """Once: SQLAlchemy stops a connection that is being closed if whoever closes it is cancelled. The close ends
        with a stop of its own, which a thread that has ended would never answer.
        """
        if self._stopped is None:
            self._stopped = super().stop()
        return self._stopped

    def begin_with(self, statement: str) -> None:
        """Has `statement` begin a transaction on the way of what is carried out next."""
        self._beginning = statement

    async def commit(self) -> None:
        self._beginning = ""
        await super().commit()

    async def rollback(self) -> None:
        self._beginning = ""
        # SQLAlchemy rolls back once more whatever is given back.
        if self._conn.in_transaction:
            await super().rollback()

    def cursor(self) -> "OneTripCursor":  # type: ignore[override]  # aiosqlite goes to the thread for it
        return OneTripCursor(self)

    async def carried_out(self, work: Callable[[sqlite3.Cursor], Any]) -> "_Outcome":
        """What came of `work` on a new cursor, in the connection's thread."""
        outcome: _Outcome = await self._execute(self._carry_out, work)  # type: ignore[no-untyped-call]  # untyped there
        return outcome

    def _carry_out(self, work: Callable[[sqlite3.Cursor], Any]) -> "_Outcome":
        cursor = self._conn.cursor()
        try:
            if self._beginning:
                cursor.execute(self._beginning)
                self._beginning = ""
            work(cursor)
            rows = cursor.fetchall() if cursor.description else []
            return _Outcome(cursor, rows)
        finally:
            cursor.close()


class _Outcome:
    __slots__ = ("description", "lastrowid", "rowcount", "rows")

    def __init__(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        self.rows = rows


class OneTripCursor:
    """What SQLAlchemy asks of a cursor (`sqlalchemy.connectors.asyncio.AsyncIODBAPICursor`)."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = _NO_PARAMETERS) -> None:
        self._take(await self._connection.carried_out(lambda cursor: cursor.execute(statement, parameters)))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._take(await self._connection.carried_out(lambda cursor: cursor.executemany(statement, parameters)))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _take(self, outcome: _Outcome) -> None:
        self.description, self._rows = outcome.description, outcome.rows
        self.rowcount, self.lastrowid = outcome.rowcount, outcome.lastrowid


def connect(path: str, **arguments: Any) -> OneTripConnection:
    """An SQLAlchemy `async_creator_fn`: awaited, it is connected.

    Args:
        arguments: of `sqlite3.connect`.
    """
    connection = OneTripConnection(lambda: sqlite3.connect(path, **arguments), _CHUNK)
    connection._thread.daemon = True  # noqa: SLF001  as SQLAlchemy does with aiosqlite's own
    return connection
