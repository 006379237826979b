"""The audit log only grows, can be taken elsewhere, and shows what was done to it."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from kernel.audit.chain import Anchor, seal_batch
from kernel.audit.lines import LineMalformed, check_lines, from_line, to_line
from kernel.audit.log import record
from kernel.audit.models import AuditRecord
from kernel.audit.reading import check_log
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind

ANN = Principal(PrincipalKind.USER, "ann", ip="10.0.0.9", request_id="r" * 32)


async def sealed(database: Database, count: int) -> list[AuditRecord]:
    async with database.unit_of_work() as session:
        for number in range(count):
            after = {"number": number, "text": "zwölf\u2028\n", "part": 0.5, "none": None}
            record(session, ANN, "thing.made", "thing", str(number), after=after)
    async with database.unit_of_work() as session:
        await seal_batch(session)
    async with database.reading() as session:
        return list((await session.execute(select(AuditRecord).order_by(AuditRecord.sequence))).scalars())


async def as_its_owner(database: Database, *statements: str) -> None:
    """Who owns the database can take the triggers away, and then do as he likes."""
    async with database.unit_of_work() as session:
        if database.is_sqlite:
            await session.execute(text("DROP TRIGGER kernel_audit_record_only_grows_update"))
            await session.execute(text("DROP TRIGGER kernel_audit_record_only_grows_delete"))
        else:
            await session.execute(text("ALTER TABLE kernel_audit_record DISABLE TRIGGER USER"))
        for statement in statements:
            await session.execute(text(statement))


def lines_of(records: Sequence[AuditRecord]) -> list[str]:
    return [to_line(each) for each in records]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM kernel_audit_record",
        "UPDATE kernel_audit_record SET actor = 'bob' WHERE resource_id = '1'",
        "UPDATE kernel_audit_record SET hash = NULL, sequence = NULL",
    ],
)
async def test_no_record_is_removed_or_changed(database: Database, statement: str) -> None:
    await sealed(database, 2)
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.unit_of_work() as session:
            await session.execute(text(statement))
    assert (await check_log(database, None)).last.sequence == 2


async def test_a_record_that_waits_to_be_sealed_is_not_changed_either(database: Database) -> None:
    async with database.unit_of_work() as session:
        record(session, ANN, "thing.made", "thing", "1")
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.unit_of_work() as session:
            await session.execute(text("UPDATE kernel_audit_record SET actor = 'bob'"))
    async with database.unit_of_work() as session:
        assert await seal_batch(session) == 1


async def test_an_export_holds_all_there_is_and_is_verified_without_the_database(database: Database) -> None:
    records = await sealed(database, 5)
    lines = lines_of(records)
    assert [from_line(line).model_dump() for line in lines] == [each.model_dump() for each in records]
    check = check_lines(lines, None)
    assert (check.breaks, check.last) == ([], Anchor(5, records[-1].hash or ""))


async def test_an_export_shows_a_record_that_was_changed_moved_or_left_out(database: Database) -> None:
    lines = lines_of(await sealed(database, 4))
    changed = json.loads(lines[1]) | {"actor": "bob"}
    assert check_lines([lines[0], json.dumps(changed), *lines[2:]], None).breaks
    assert check_lines([lines[0], lines[2], lines[1], lines[3]], None).breaks
    assert check_lines([lines[0], *lines[2:]], None).breaks
    assert check_lines(lines[1:], None).breaks


@given(st.text(max_size=50) | st.sampled_from(["{}", "[]", "null", '{"at": 1}', '{"at": "2026-01-01"}', "[" * 9_000]))
def test_other_lines_are_no_records(line: str) -> None:
    with pytest.raises(LineMalformed):
        from_line(line)


async def test_an_anchor_shows_an_end_that_was_cut_off(database: Database) -> None:
    noted = (await sealed(database, 4))[-1]
    anchor = Anchor(noted.sequence or 0, noted.hash or "")
    assert (await check_log(database, anchor)).breaks == []
    await as_its_owner(database, "DELETE FROM kernel_audit_record WHERE sequence > 2")
    assert (await check_log(database, None)).breaks == []
    (found,) = (await check_log(database, anchor)).breaks
    assert (found.sequence, "anchor" in found.reason) == (4, True)


async def test_an_anchor_shows_a_chain_that_was_computed_anew(database: Database) -> None:
    noted = (await sealed(database, 3))[1]
    await as_its_owner(
        database,
        "UPDATE kernel_audit_record SET actor = 'bob' WHERE sequence = 1",
        "UPDATE kernel_audit_record SET sequence = NULL, previous_hash = NULL, hash = NULL",
    )
    async with database.unit_of_work() as session:
        await seal_batch(session)
    assert (await check_log(database, None)).breaks == []
    assert (await check_log(database, Anchor(2, noted.hash or ""))).breaks
