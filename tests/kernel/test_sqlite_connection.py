import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.db.sqlite_connection import OneTripConnection, connect
from tests.support.patience import patience


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[OneTripConnection]:
    opened = connect(str(tmp_path / "things.db"), isolation_level=None, timeout=0)
    await opened
    await _carried_out(opened, "CREATE TABLE thing (name TEXT UNIQUE)")
    yield opened
    await opened.close()


async def _carried_out(connection: OneTripConnection, statement: str, *values: Any) -> tuple[list[Any], int]:
    """Rows, and how many were changed."""
    cursor = connection.cursor()
    await cursor.execute(statement, values)
    return await cursor.fetchall(), cursor.rowcount


def _is_in_transaction(connection: OneTripConnection) -> bool:
    return connection.in_transaction


async def _names(connection: OneTripConnection) -> list[Any]:
    return [row[0] for row in (await _carried_out(connection, "SELECT name FROM thing ORDER BY name"))[0]]


async def test_a_statement_is_one_trip_to_the_thread(
    connection: OneTripConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips = []
    carry_out = connection._carry_out

    def counted(work: Callable[[Any], Any]) -> Any:
        trips.append(work)
        return carry_out(work)

    monkeypatch.setattr(connection, "_carry_out", counted)
    connection.begin_with("BEGIN IMMEDIATE")
    assert await _carried_out(connection, "INSERT INTO thing VALUES (?), (?) RETURNING name", "a", "b") == (
        [("a",), ("b",)],
        2,
    )
    assert len(trips) == 1


async def test_a_transaction_begins_with_its_first_statement(connection: OneTripConnection) -> None:
    connection.begin_with("BEGIN IMMEDIATE")
    assert not _is_in_transaction(connection)
    await _carried_out(connection, "INSERT INTO thing VALUES ('a')")
    assert _is_in_transaction(connection)
    await connection.rollback()
    assert (_is_in_transaction(connection), await _names(connection)) == (False, [])


async def test_what_follows_the_first_statement_is_in_the_same_transaction(connection: OneTripConnection) -> None:
    connection.begin_with("BEGIN IMMEDIATE")
    cursor = connection.cursor()
    await cursor.executemany("INSERT INTO thing VALUES (?)", [("a",), ("b",)])
    await _carried_out(connection, "INSERT INTO thing VALUES ('c')")
    await connection.commit()
    assert (cursor.rowcount, await _names(connection)) == (2, ["a", "b", "c"])


@pytest.mark.parametrize("end", [OneTripConnection.commit, OneTripConnection.rollback])
async def test_a_transaction_without_statements_leaves_nothing_behind(connection: OneTripConnection, end: Any) -> None:
    connection.begin_with("BEGIN IMMEDIATE")
    await end(connection)
    assert await _names(connection) == []
    assert not _is_in_transaction(connection)


async def test_a_failed_statement_leaves_its_transaction_to_be_rolled_back(connection: OneTripConnection) -> None:
    await _carried_out(connection, "INSERT INTO thing VALUES ('a')")
    connection.begin_with("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="UNIQUE"):
        await _carried_out(connection, "INSERT INTO thing VALUES ('a')")
    assert _is_in_transaction(connection)
    await connection.rollback()
    assert not _is_in_transaction(connection)


async def test_a_transaction_that_could_not_begin_carries_nothing_out(
    connection: OneTripConnection, tmp_path: Path
) -> None:
    other = connect(str(tmp_path / "things.db"), isolation_level=None, timeout=0)
    await other
    other.begin_with("BEGIN IMMEDIATE")
    await _carried_out(other, "INSERT INTO thing VALUES ('a')")
    connection.begin_with("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="locked"):
        await _carried_out(connection, "INSERT INTO thing VALUES ('b')")
    await connection.rollback()
    await other.close()
    assert await _names(connection) == []


async def test_who_closes_is_not_kept_waiting_when_the_connection_is_stopped_meanwhile(tmp_path: Path) -> None:
    opened = await connect(str(tmp_path / "things.db"))
    closing = asyncio.create_task(opened.close())
    await asyncio.sleep(0)
    opened.stop()
    async with patience():
        await closing
    opened._thread.join()
