"""Statements of tests are compiled once for all the databases of one kind that they open."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

_KEPT = 5000
_compiled: LRUCache[Any, Any] = LRUCache(_KEPT)


class _Interchangeable:
    """What was compiled is kept by the dialect it was compiled for, and each database has one of its own."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_compiled)


class SharingSqlite(_Interchangeable, SQLiteDialect_aiosqlite):
    supports_statement_cache = True


class SharingPostgres(_Interchangeable, PGDialect_asyncpg):
    supports_statement_cache = True


def share_compiled_statements() -> None:
    registry.register("sqlite.aiosqlite", __name__, SharingSqlite.__name__)
    registry.register("postgresql.asyncpg", __name__, SharingPostgres.__name__)
