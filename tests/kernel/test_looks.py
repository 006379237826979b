"""What looks for work is spared while nothing can have changed."""

import pytest
from sqlalchemy import event, select, text, update

from kernel.audit.log import record
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.looks import pause, when_changed
from kernel.principal import system_principal

WHO = system_principal("test")


async def _change(database: Database, *, quiet: bool = False) -> None:
    async with database.unit_of_work(quiet=quiet) as session:
        record(session, WHO, "thing.made", "thing", "1")


async def test_only_what_changed_anything_counts_as_a_change(database: Database) -> None:
    before = database.changes
    await _change(database, quiet=True)
    async with database.unit_of_work() as session:
        await session.execute(select(AuditRecord))
        await session.execute(update(AuditRecord).where(AuditRecord.action == "none").values(action="x"))
    with pytest.raises(ZeroDivisionError):
        async with database.unit_of_work() as session:
            record(session, WHO, "thing.made", "thing", "2")
            await session.flush()
            _ = 1 // 0
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
    assert database.changes == before
    await _change(database)
    assert database.changes != before


async def test_a_change_counts_once_it_can_be_seen(database: Database) -> None:
    before = database.changes
    while_committing: list[int] = []
    event.listen(database._writer.sync_engine, "commit", lambda _connection: while_committing.append(database.changes))
    async with database.unit_of_work() as session:
        record(session, WHO, "thing.made", "thing", "1")
    assert while_committing == [before]
    assert database.changes != before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_another_process_changes_counts_too_but_for_its_signs_of_life(database: Database) -> None:
    other = Database(database.url)
    before = database.changes
    await _change(other, quiet=True)
    assert database.changes == before
    await _change(other)
    assert database.changes != before
    await other.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_whose_file_cannot_be_marked_counts_its_own_changes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_path: object, **_times: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.utime", refused)
    before = database.changes
    await _change(database)
    assert database.changes != before


async def test_a_look_is_left_out_until_something_changes_or_long_enough_has_passed(database: Database) -> None:
    looked = 0

    async def action() -> bool:
        nonlocal looked
        looked += 1
        return True

    look = when_changed(database, action, longest=3600.0)
    assert await look()
    assert not await look()
    await _change(database)
    assert await look()
    assert not await look()
    assert looked == 2
    impatient = when_changed(database, action, longest=0.0, still=0.0)
    assert await impatient()
    assert await impatient()


async def test_what_changes_during_a_look_is_looked_at_again(database: Database) -> None:
    async def action() -> bool:
        await _change(database)
        return True

    look = when_changed(database, action, longest=3600.0)
    assert await look()
    assert await look()


@pytest.mark.parametrize(
    ("still_for", "seconds"), [(0.0, 5.0), (20.0, 5.0), (60.0, 15.0), (100.0, 25.0), (120.0, 30.0), (86_400.0, 30.0)]
)
def test_looks_become_rarer_the_longer_nothing_changes(still_for: float, seconds: float) -> None:
    assert pause(still_for, 5.0, 30.0) == seconds
