"""Connections that were lost while they rested in the pool."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from kernel.db.lost_connections import lend_no_lost_ones
from tests.support.patience import until
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
_REST = 5.0


class _Time:
    seconds = 100.0

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
async def engine(database_url: str, time: _Time) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(database_url, pool_size=1)
    lend_no_lost_ones(made.sync_engine, _REST, time.now)
    yield made
    await made.dispose()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each question whether a connection lives."""
    ping, questions = AsyncAdapt_asyncpg_connection.ping, list[str]()

    def ask(connection: AsyncAdapt_asyncpg_connection) -> None:
        questions.append("ping")
        ping(connection)

    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", ask)
    return questions


async def _process(engine: AsyncEngine) -> int:
    """The number of the server's process behind the connection that is lent."""
    async with engine.connect() as connection:
        number: int = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        return number


def _end(server: PostgresServer, process: int) -> None:
    server._demand(f"SELECT pg_terminate_backend({process}, 5000)")


async def test_only_a_connection_that_rested_is_asked_whether_it_lives(
    engine: AsyncEngine, time: _Time, asked: list[str]
) -> None:
    first = await _process(engine)
    time.seconds += _REST / 2
    assert await _process(engine) == first
    assert asked == []
    time.seconds += _REST
    assert await _process(engine) == first
    assert asked == ["ping"]


async def test_one_that_was_lost_while_it_rested_is_found_out_by_asking(
    engine: AsyncEngine, time: _Time, postgres_server: PostgresServer, asked: list[str]
) -> None:
    first = await _process(engine)
    _end(postgres_server, first)  # the loop stands still meanwhile, and hears nothing of it
    time.seconds += _REST
    assert await _process(engine) != first
    assert asked == ["ping"]


async def test_one_that_the_server_said_it_ended_is_not_lent_however_short_its_rest(
    engine: AsyncEngine, postgres_server: PostgresServer, asked: list[str]
) -> None:
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    first = await _process(engine)
    _end(postgres_server, first)
    await until(driver.is_closed)
    assert await _process(engine) != first
    assert asked == []


async def test_what_else_goes_wrong_in_asking_is_told(
    engine: AsyncEngine, time: _Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: AsyncAdapt_asyncpg_connection) -> None:
        raise RuntimeError("not now")

    await _process(engine)
    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", refuse)
    time.seconds += _REST
    with pytest.raises(RuntimeError, match="not now"):
        await _process(engine)
