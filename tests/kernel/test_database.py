import asyncio
import gc
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from kernel.audit.chain import find_breaks, seal_batch
from kernel.audit.log import record
from kernel.audit.models import AuditRecord
from kernel.db.database import Database, after_commit, hold, hold_stored
from kernel.principal import system_principal
from tests.support.server import free_port

WHO = system_principal("test")


async def _records(database: Database) -> list[AuditRecord]:
    async with database.reading() as session:
        rows = await session.execute(select(AuditRecord).order_by(AuditRecord.id))
        return list(rows.scalars())


async def test_a_unit_of_work_commits_when_its_block_ends(database: Database) -> None:
    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "1", after={"size": 2})
    (kept,) = await _records(database)
    assert (kept.action, kept.after, kept.before) == ("thing.made", {"size": 2}, None)


async def test_a_unit_of_work_that_raises_changes_nothing_and_runs_no_callback(database: Database) -> None:
    called: list[str] = []
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as session:
            after_commit(session, lambda: called.append("x"))
            record(session, WHO, "thing.made", "thing", "1")
            raise RuntimeError
    assert await _records(database) == []
    assert called == []


async def test_callbacks_run_after_the_commit(database: Database) -> None:
    called: list[str] = []
    async with database.unit_of_work() as session:
        after_commit(session, lambda: called.append("x"))
        assert called == []
    assert called == ["x"]


async def test_a_row_that_is_held_is_found_in_its_session_without_being_read_again(database: Database) -> None:
    async with database.unit_of_work() as session:
        for held in (False, True):
            made = AuditRecord(actor_kind="system", actor="x", action="y", resource_kind="z", resource_id="1")
            name = made.id
            session.add(made)
            if held:
                hold(session, made)
            await session.flush()
            del made
            gc.collect()
            key = session.sync_session.identity_key(AuditRecord, name)
            assert (key in session.sync_session.identity_map) is held


async def test_what_stands_for_a_stored_row_is_found_unread_and_not_written(database: Database) -> None:
    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "1")
    (kept,) = await _records(database)
    async with database.unit_of_work() as session:
        for _ in range(2):  # whoever makes it twice finds the first
            hold_stored(session, AuditRecord(**kept.model_dump() | {"action": "as it was made"}))
            gc.collect()
        assert (await session.get_one(AuditRecord, kept.id)).action == "as it was made"
    assert [each.action for each in await _records(database)] == ["thing.made"]


async def test_all_that_one_session_reads_is_of_one_moment(database: Database) -> None:
    statement = select(AuditRecord.action)
    async with database.reading() as session:
        before = (await session.execute(statement)).all()
        async with database.unit_of_work() as other:
            record(other, WHO, "thing.made", "thing", "1")
        assert (await session.execute(statement)).all() == before == []
    assert [kept.action for kept in await _records(database)] == ["thing.made"]


async def test_an_error_tells_no_parameter(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(DBAPIError) as failed:
            await session.execute(text("SELECT :secret FROM nowhere"), {"secret": "hunter2"})
    assert "hunter2" not in str(failed.value)


async def test_times_come_back_in_utc(database: Database) -> None:
    at = datetime(2026, 5, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    async with database.unit_of_work() as session:
        session.add(AuditRecord(at=at, actor_kind="system", actor="a", action="x", resource_kind="r", resource_id="1"))
    (kept,) = await _records(database)
    assert kept.at == datetime(2026, 5, 1, 0, 0, tzinfo=UTC)
    assert kept.at.tzinfo is UTC


async def test_the_sealed_chain_holds_and_shows_a_changed_record(database: Database) -> None:
    async with database.unit_of_work() as session:
        for number in range(3):
            record(session, WHO, "thing.made", "thing", str(number))
    async with database.unit_of_work() as session:
        assert await seal_batch(session) == 3
    kept = await _records(database)
    assert find_breaks(kept) == []
    kept[1].after = {"forged": True}
    assert [found.reason for found in find_breaks(kept)] == ["its content was changed"]


async def test_the_chain_shows_a_removed_record(database: Database) -> None:
    async with database.unit_of_work() as session:
        for number in range(3):
            record(session, WHO, "thing.made", "thing", str(number))
    async with database.unit_of_work() as session:
        await seal_batch(session)
    first, _, last = await _records(database)
    assert {found.reason for found in find_breaks([first, last])} == {
        "record 2 is missing",
        "does not follow the record before it",
    }


async def test_a_burst_of_writers_waits_for_one_that_takes_long_and_nobody_who_reads_does(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.unit_of_work() as session:
            record(session, WHO, "thing.made", "thing", str(number))

    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "first")
        await session.flush()
        burst = [asyncio.create_task(write(number)) for number in range(40)]
        for _ in range(20):
            assert "first" not in {kept.resource_id for kept in await _records(database)}
    await asyncio.gather(*burst)
    assert len(await _records(database)) == 41


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_writer_whose_turn_does_not_come_is_told_that_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._writer.pool, "_timeout", 0.01)
    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "1")
        await session.flush()
        with pytest.raises(OperationalError, match="limit"):
            async with database.unit_of_work() as other:
                record(other, WHO, "thing.made", "thing", "2")
    assert [kept.resource_id for kept in await _records(database)] == ["1"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_connection_that_was_ended_is_told_as_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(OperationalError):
        async with database.unit_of_work() as session, database.unit_of_work() as other:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await session.execute(text("SELECT 1"))
    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "1")
    assert len(await _records(database)) == 1


async def test_a_server_that_nobody_reaches_is_told_as_a_database_that_is_away() -> None:
    database = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(OperationalError):
        async with database.unit_of_work() as session:
            await session.execute(text("SELECT 1"))
    await database.close()
