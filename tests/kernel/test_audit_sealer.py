import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit import chain, sealer
from kernel.audit.log import record
from kernel.audit.models import AuditRecord
from kernel.audit.sealer import AuditSealer
from kernel.db.database import Database
from kernel.principal import system_principal


async def _recorded(database: Database, count: int) -> None:
    async with database.unit_of_work() as session:
        for number in range(count):
            record(session, system_principal("test"), "thing.made", "thing", str(number))


async def _unsealed(database: Database) -> int:
    async with database.reading() as session:
        return len((await session.execute(select(AuditRecord).where(col(AuditRecord.sequence).is_(None)))).all())


async def test_there_is_more_to_seal_while_batches_are_full(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "BATCH", 2)
    monkeypatch.setattr(sealer, "BATCH", 2)
    await _recorded(database, 3)
    turns = [await AuditSealer(database).seal() for _ in range(2)]
    assert (turns, await _unsealed(database)) == ([True, False], 0)


async def test_sealing_is_no_reason_to_look_for_work(database: Database) -> None:
    await _recorded(database, 1)
    before = database.changes
    await AuditSealer(database).seal()
    assert (database.changes, await _unsealed(database)) == (before, 0)
