"""The database of a process: engine, sessions, and the one place where features commit."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.pool import ConnectionPoolEntry

from kernel.db.away import full_pool_as_away, tell_when_away
from kernel.db.change_sign import ChangeSign
from kernel.db.lost_connections import lend_no_lost_ones
from kernel.db.sqlite_connection import connect

_WRITE = "trunkline_write"
_QUIET = "trunkline_quiet"
_WROTE = "trunkline_wrote"
_COMMITTED = "trunkline_committed"
_AFTER_COMMIT = "trunkline_after_commit"
_HELD = "trunkline_held"
_BUSY_MILLISECONDS = 15_000
_MANY_CONNECTIONS: Final = {"pool_size": 15, "max_overflow": 0}
_ONE_CONNECTION: Final = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 60.0}


class Database:
    """Sessions on one database address; close with `close()`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        # SQLite has one writer at a time, and lets those that wait for it guess when. Here they stand in line for the
        # one connection that writes: none is overtaken until its patience ends, and those who read are not kept out.
        self._writer = _create_engine(url, **_ONE_CONNECTION) if self.is_sqlite else self.engine
        self._write_engine = self._writer.execution_options(**{_WRITE: True})
        self._quiet_engine = self._writer.execution_options(**{_WRITE: True, _QUIET: True})
        self._changes = 0
        file = self.engine.url.database if self.is_sqlite else None
        self._sign = ChangeSign(file) if file else None
        for engine in {self.engine.sync_engine, self._writer.sync_engine}:
            event.listen(engine, "after_cursor_execute", _note_write)
            event.listen(engine, "commit", _note_commit)
            event.listen(engine, "checkin", self._count_commit)
            event.listen(engine, "rollback", _forget_write)
        # SQLite reads so by itself.
        self._read_engine = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def changes(self) -> int:
        """A number that differs once a transaction has changed anything, without quiet ones: of this process, on SQLite
        of others too.
        """
        return self._changes + (self._sign.last() if self._sign is not None else 0)

    @asynccontextmanager
    async def unit_of_work(self, *, quiet: bool = False) -> AsyncIterator[AsyncSession]:
        """A transaction: committed when the block ends, rolled back when it raises. The only commit in features.

        Callbacks registered with `after_commit` run once the commit is durable.

        Args:
            quiet: for signs of life and the like, which are nobody's reason to look for work.
        """
        engine = self._quiet_engine if quiet else self._write_engine
        with full_pool_as_away():
            async with AsyncSession(engine, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                for callback in session.info.pop(_AFTER_COMMIT, ()):
                    callback()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reads, all of which see the database as it was at the first; what is changed in it is thrown
        away.
        """
        with full_pool_as_away():
            async with AsyncSession(self._read_engine, expire_on_commit=False) as session:
                yield session

    async def close(self) -> None:
        await self.engine.dispose()
        if self._writer is not self.engine:
            await self._writer.dispose()

    def _count_commit(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_COMMITTED, False):
            self._changes += 1
            if self._sign is not None:
                self._sign.tell()


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Has `callback` called when the unit of work of `session` has committed, and never if it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


def hold(session: AsyncSession, row: object) -> None:
    """Has a row be found in its session without being read again: by itself a session forgets what nobody else has."""
    session.info.setdefault(_HELD, []).append(row)


def hold_stored(session: AsyncSession, row: object) -> None:
    """As `hold`, of a new object that stands for a row as it is stored: it is neither read nor written."""
    make_transient_to_detached(row)
    key = instance_state(row).key
    if key is not None and key not in session.sync_session.identity_map:
        session.add(row)
        hold(session, row)


def _create_engine(url: str, **pool: Any) -> AsyncEngine:
    # Errors would tell a statement's parameters, which are what people sent and what is kept for them.
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=10, max_overflow=10, hide_parameters=True)
        tell_when_away(engine.sync_engine)
        lend_no_lost_ones(engine.sync_engine)
        return engine
    arguments = {"timeout": _BUSY_MILLISECONDS / 1000, "async_creator_fn": connect}
    engine = create_async_engine(url, connect_args=arguments, hide_parameters=True, **(pool or _MANY_CONNECTIONS))
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is deferred, and a deferred transaction that starts to write can fail at once as busy.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _note_write(
    connection: Connection,
    cursor: Any,
    _statement: str,
    _parameters: Any,
    context: Any,
    _many: bool,  # noqa: FBT001  SQLAlchemy's signature
) -> None:
    if context.isinsert or ((context.isupdate or context.isdelete) and cursor.rowcount):
        connection.info[_WROTE] = not connection.get_execution_options().get(_QUIET, False)


def _note_commit(connection: Connection) -> None:
    # Nothing is durable yet: who looked now would find nothing, and take that for all there is. So it counts when the
    # connection is given back.
    if connection.info.pop(_WROTE, False):
        connection.info[_COMMITTED] = True


def _forget_write(connection: Connection) -> None:
    if not connection.invalidated:
        connection.info.pop(_WROTE, None)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    driver: Any = connection.connection.driver_connection
    driver.begin_with("BEGIN IMMEDIATE" if write else "BEGIN")
