"""How many SQL statements an open store of tasks carries out."""

from collections.abc import Iterable
from typing import Any

from orchestrator.runtime.postgres_store import PostgresStore
from orchestrator.runtime.sqlite_store import SqliteStore

_OF_TRANSACTIONS = frozenset({"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"})


class Statements:
    """Stands between a store and its connection. What begins and ends a transaction is not counted; a statement that is
    carried out for many rows counts once.
    """

    def __init__(self, store: SqliteStore | PostgresStore) -> None:
        self.count = 0
        if isinstance(store, SqliteStore):
            store._connection = _Connection(store._connection, self)  # type: ignore[assignment]
        else:
            store._pool = _Pool(store._pool, self)


class _Connection:
    def __init__(self, connection: Any, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        self._statements.count += statement not in _OF_TRANSACTIONS
        return self._connection.execute(statement, *values)

    def executemany(self, statement: str, values: Iterable[Any]) -> Any:
        rows = list(values)
        self._statements.count += bool(rows)
        return self._connection.executemany(statement, rows)


class _Pool:
    """Each of its calls is one statement in a transaction of its own; who takes a connection carries out two on it, of
    which the first says how the other is to be planned.
    """

    def __init__(self, pool: Any, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements

    def __getattr__(self, name: str) -> Any:
        if name in {"fetch", "fetchval", "execute"}:
            self._statements.count += 1
        if name == "acquire":
            self._statements.count += 2
        return getattr(self._pool, name)
