"""What was said in English alone, and languages nobody chose, after the upgrade."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.identity.users.models import User
from kernel.db.database import Database
from kernel.wording import Said
from marketplace.legacy_forms.models import FormScriptRow
from marketplace.versions.review.models import SubmissionRow, reasons_of
from tests.support.upgrades import database_at
from trunkline.migrate import migrate
from trunkline.wordings import every_wording

BEFORE = "0089"


def _row(connection: sa.Connection, name: str, given: dict[str, Any]) -> None:
    """With values for what has to be there."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    fillers = {sa.DateTime: sa.func.now(), sa.Boolean: True, sa.JSON: [], sa.Integer: 0}
    values = {}
    for column in table.columns:
        if column.nullable or column.name in given:
            continue
        found = [value for kind, value in fillers.items() if isinstance(column.type, kind)]
        values[column.name] = found[0] if found else "x"
    connection.execute(table.insert().values(**values, **given))


async def _upgraded(database: Database, folder: Path, rows: list[tuple[str, dict[str, Any]]]) -> Database:
    async with database_at(BEFORE, database, folder) as (old, connection):
        for name, given in rows:
            await connection.run_sync(_row, name, given)
    await migrate(old)
    return old


async def test_reasons_of_submissions_stand_under_their_codes(database: Database, tmp_path: Path) -> None:
    reasons = ["asks for cmdb.list_hosts", "is done by job instead of cmdb", "is a first version", "is odd"]
    old = await _upgraded(database, tmp_path, [("marketplace_submission", {"id": "1" * 32, "reasons": reasons})])
    async with old.reading() as session:
        (row,) = (await session.execute(sa.select(SubmissionRow))).scalars()
    assert reasons_of(row) == [
        Said("asks for cmdb.list_hosts", "growth.scope", {"scope": "cmdb.list_hosts"}),
        Said("is done by job instead of cmdb", "growth.system", {"system": "job", "before": "cmdb"}),
        Said("is a first version", "growth.first"),
        Said("is odd", ""),
    ]
    await old.close()


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("", None),
        ("is no attribute of input", Said("is no attribute of input", "form_note.attribute", {"tag": "input"})),
        (
            "X-A, X-B not sent, only Accept-Language",
            Said(
                "X-A, X-B not sent, only Accept-Language",
                "form_note.headers",
                {"left_out": ("X-A", "X-B"), "sent": ("Accept-Language",)},
            ),
        ),
    ],
)
async def test_notes_of_converted_forms_stand_under_their_codes(
    note: str, said: Said | None, database: Database, tmp_path: Path
) -> None:
    report = json.dumps(
        {"report": {"findings": [{"place": "a", "part": "tag x", "treatment": "static", "note": note}]}}
    )
    rows = [
        ("marketplace_plugin", {"id": "1" * 32}),
        ("marketplace_plugin_version", {"id": "2" * 32}),
        ("marketplace_form_script", {"version_id": "2" * 32, "report": report}),
    ]
    old = await _upgraded(database, tmp_path, rows)
    async with old.reading() as session:
        (row,) = (await session.execute(sa.select(FormScriptRow))).scalars()
    (finding,) = json.loads(row.report)["report"]["findings"]
    assert (None if finding["note"] is None else Said.kept(finding["note"])) == said
    assert said is None or said.code in {each.code for each in every_wording()}
    await old.close()


async def test_only_who_had_chosen_another_language_than_english_still_has_one(
    database: Database, tmp_path: Path
) -> None:
    people = [("gateway_user", {"id": name, "username": name, "language": name}) for name in ("en", "zh")]
    old = await _upgraded(database, tmp_path, people)
    async with old.reading() as session:
        found = {each.username: each.language for each in (await session.execute(sa.select(User))).scalars()}
    assert found == {"en": None, "zh": "zh"}
    await old.close()
