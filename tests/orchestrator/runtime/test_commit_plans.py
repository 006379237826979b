"""How PostgreSQL carries a commit out: a plan that does for a few rows may be none for many."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import insert

from kernel.clock import utc_now
from kernel.db.database import Database
from orchestrator.engine.effects import Settled
from orchestrator.engine.model import State
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.postgres_store import PostgresStore
from orchestrator.runtime.store import TaskWrite
from tests.support.orchestrator import flow_of
from tests.support.runtime import create_task

MANY = 500


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_settling_many_messages_looks_at_each_of_them_once(database: Database) -> None:
    """A plan that goes through all messages for each of them throws away their square."""
    task = await create_task(database, flow_of())
    names = [f"{number:032}" for number in range(MANY)]
    common = {"task_id": task, "kind": "signal", "actor": "", "created_at": utc_now()}
    async with database.unit_of_work() as session:
        await session.execute(insert(TaskMessage), [{**common, "id": name} for name in names])
    store = PostgresStore(database.url)
    await store.open()
    explaining = _Explaining(store._pool)
    store._pool = explaining  # type: ignore[assignment]
    try:
        await store.commit([TaskWrite(0, State(task), [], (), tuple(Settled(name, None) for name in names))], utc_now())
    finally:
        await store.close()
    steps = list(_steps(explaining.plan))
    assert any(step["Actual Rows"] == MANY for step in steps)
    assert sum(step.get("Rows Removed by Join Filter", 0) for step in steps) < MANY


class _Explaining:
    """Stands before the store's connections: what they fetch is told as the plan by which it was found."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.plan: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    async def fetch(self, statement: str, *columns: Any) -> Sequence[Any]:
        async with self.acquire() as connection:
            return await connection.fetch(statement, *columns)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["_Connection"]:
        async with self._pool.acquire() as connection:
            yield _Connection(connection, self)


class _Connection:
    def __init__(self, connection: asyncpg.Connection, explaining: _Explaining) -> None:
        self._connection = connection
        self._explaining = explaining

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, statement: str, *columns: Sequence[Any]) -> Sequence[Any]:
        await self._connection.execute(f"PREPARE explained AS {statement}")
        given = ", ".join(map(_literal, columns))
        told = await self._connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE explained ({given})")
        self._explaining.plan = json.loads(told)[0]["Plan"]
        return ()


def _literal(column: Sequence[Any]) -> str:
    """Of whatever type its parameter has."""
    values = ("NULL" if value is None else f'"{_text(value)}"' for value in column)
    return f"'{{{', '.join(values)}}}'"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _steps(inner)
