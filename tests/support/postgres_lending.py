"""Databases of PostgreSQL that tests have one after the other: emptying one takes a fraction of making another."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.support.postgres import PostgresServer

_MOST_USES = 100
"""What tests deleted still takes room, and reading walks past it."""

_KEEP = """
CREATE SCHEMA kept;
CREATE SCHEMA lending;
DO $$
DECLARE name text;
BEGIN
  FOR name IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
  END LOOP;
END $$;
CREATE TABLE lending.positions AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION lending.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR name IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('DELETE FROM public.%I', name);
  END LOOP;
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%1$I', name);
  END LOOP;
  PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
  FROM lending.positions;
END $$;
"""
"""`kept` is what the migrations put into tables. Without triggers and references rows go in any order."""

_SHAPE = " UNION ALL ".join(
    f"SELECT count(*) || ' ' || max(xmin::text::bigint) FROM {catalogue}"  # noqa: S608  names that stand here
    for catalogue in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")
)
"""Changes with every change of a table, a column, a constraint, a trigger or a function."""


@dataclass(slots=True)
class _Lent:
    name: str
    connection: "asyncpg.Connection[Any]"
    shape: list[str]
    crashes: int
    uses: int = 0


class DatabaseLender:
    """Lends migrated databases without any rows but those of the migrations."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._spare: _Lent | None = None

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The name of a database that nobody else has meanwhile."""
        lent = self._loop.run_until_complete(self._spare_or_new())
        yield lent.name
        self._loop.run_until_complete(self._take_back(lent))

    def close(self) -> None:
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _spare_or_new(self) -> _Lent:
        spare, self._spare = self._spare, None
        if spare is None:
            return await self._make()
        if spare.crashes == self._server.crashes:
            return spare
        self._discard(spare)
        return await self._make()

    async def _make(self) -> _Lent:
        name = self._server.create_database()
        connection = await asyncpg.connect(self._server.local_url(name).replace("+asyncpg", ""))
        await connection.execute(_KEEP)
        return _Lent(name, connection, await _shape(connection), self._server.crashes)

    async def _take_back(self, lent: _Lent) -> None:
        lent.uses += 1
        # Who crashed may have forgotten what was deleted.
        stays = self._spare is None and lent.uses < _MOST_USES and lent.crashes == self._server.crashes
        if stays and await _shape(lent.connection) == lent.shape:
            await lent.connection.execute("SELECT lending.restore()")
            self._spare = lent
        else:
            self._discard(lent)

    def _discard(self, lent: _Lent) -> None:
        lent.connection.terminate()
        self._server.drop_database(lent.name)

    async def _end(self) -> None:
        if self._spare is not None:
            self._spare.connection.terminate()
        await asyncio.sleep(0)  # connections that were broken off are let go of by then


async def _shape(connection: "asyncpg.Connection[Any]") -> list[str]:
    return [row[0] for row in await connection.fetch(_SHAPE)]
