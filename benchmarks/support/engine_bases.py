"""The databases on which the engine is measured, each with what committing alone costs there."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from tests.support.postgres import PostgresServer


@dataclass(frozen=True)
class Base:
    """A database under test: `server_pid` is PostgreSQL's, `floor` commits `n` rows one by one."""

    name: str
    url: str
    server_pid: int | None
    floor: Callable[[int], Any]


@contextmanager
def sqlite_base(folder: Path) -> Iterator[Base]:
    path = folder / "engine.db"

    def floor(count: int) -> None:
        connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
        connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS f (t)")
        for number in range(count):
            connection.execute("INSERT INTO f VALUES (?)", (number,))
        connection.close()

    yield Base("SQLite", f"sqlite+aiosqlite:///{path}", None, floor)


@contextmanager
def postgres_base() -> Iterator[Base]:
    server = PostgresServer.start(durable=True)
    try:
        name = server.create_database()
        url = server.url(name)

        async def floor(count: int) -> None:
            connection = await asyncpg.connect(url.replace("+asyncpg", ""))
            await connection.execute("CREATE TABLE IF NOT EXISTS floor_rows (t int)")
            for number in range(count):
                await connection.execute("INSERT INTO floor_rows VALUES ($1)", number)
            await connection.close()

        yield Base("PostgreSQL", url, server.process.pid, floor)
    finally:
        server.stop()
