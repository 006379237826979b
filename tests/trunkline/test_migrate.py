"""A database of the first release is brought to the newest schema, and everything in it is still there."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from gateway.identity.authorization.models import RoleBinding
from gateway.registry.models import DraftComponent, ReleaseComponent, Stage
from gateway.registry.stages.repository import newest_activation
from kernel.db.database import Database
from tests.support.upgrades import database_at
from trunkline.migrate import migrate
from trunkline.tables import load_metadata

FIRST = "0001"
RELATED = {
    ("gateway_system", "name"): "cmdb", ("gateway_stage", "name"): "prod", "system": "cmdb", "number": 1,
    "release_id": "gateway_release-id",
}  # fmt: skip
"""What rows name each other by, though no foreign key says so."""

REPLACED = {
    ("gateway_user", "is_admin"),
    ("marketplace_plugin", "search_text"),
    ("marketplace_plugin", "tag_text"),
}
"""Columns whose meaning stands elsewhere by now."""
ENDED = {"gateway_session"}
"""Whose rows an upgrade ends: people sign in again."""

Rows = dict[str, list[dict[str, Any]]]

_VALUES: tuple[tuple[type[sa.types.TypeEngine[Any]], Any], ...] = (
    (sa.JSON, {"kept": [1, "文", None]}),
    (sa.Boolean, True),
    (sa.Date, date(2026, 1, 2)),
    (sa.Float, 1.5),
    (sa.Integer, 1),
    (sa.LargeBinary, b"\x00kept"),
)
_MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)


def _value(table: sa.Table, column: sa.Column[Any], rows: Rows) -> Any:
    for key in column.foreign_keys:
        return rows[key.column.table.name][0][key.column.name]
    for name in ((table.name, column.name), column.name):
        if name in RELATED:
            return RELATED[name]
    if isinstance(column.type, sa.DateTime):
        return _MOMENT if column.type.timezone else _MOMENT.replace(tzinfo=None)
    if isinstance(column.type, sa.String):
        return f"{table.name}-{column.name}"[: column.type.length]
    (value,) = [value for kind, value in _VALUES if isinstance(column.type, kind)]
    return value


def _fill(connection: sa.Connection) -> Rows:
    """One row in every table; what was put into each."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    rows: Rows = {}
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            rows[table.name] = [{column.name: _value(table, column, rows) for column in table.columns}]
            connection.execute(table.insert(), rows[table.name])
    return _read(connection, {name: list(kept[0]) for name, kept in rows.items()})


def _read(connection: sa.Connection, columns: dict[str, list[str]]) -> Rows:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return {
        name: [
            dict(row)
            for row in connection.execute(sa.select(*(metadata.tables[name].c[each] for each in kept))).mappings()
        ]
        for name, kept in columns.items()
    }


@pytest.fixture
async def first_release(database: Database, tmp_path: Path):
    async with database_at(FIRST, database, tmp_path) as (old, connection):
        rows = await connection.run_sync(_fill)
    yield old, rows
    await old.close()


async def test_every_row_of_the_first_release_is_there_after_the_upgrade(first_release: tuple[Database, Rows]) -> None:
    database, before = first_release
    assert len(before) > 40
    await migrate(database)
    wanted = {
        table: [name for name in rows[0] if (table, name) not in REPLACED]
        for table, rows in before.items()
        if table not in ENDED
    }
    async with database.engine.connect() as connection:
        after = await connection.run_sync(_read, wanted)
    for table, columns in wanted.items():
        (row,) = before[table]
        assert {name: row[name] for name in columns} in after[table], table


async def test_who_was_an_administrator_still_is(first_release: tuple[Database, Rows]) -> None:
    database, before = first_release
    await migrate(database)
    async with database.reading() as session:
        bindings = (await session.execute(select(RoleBinding).where(RoleBinding.role == "admin"))).scalars().all()
    assert [(each.username, each.resource_kind) for each in bindings] == [
        (before["gateway_user"][0]["username"], "platform")
    ]


async def test_every_row_of_the_first_release_can_be_loaded_after_the_upgrade(
    first_release: tuple[Database, Rows],
) -> None:
    database, before = first_release
    await migrate(database)
    load_metadata()
    models = {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    async with database.reading() as session:
        loaded = {
            name for name in before if name in models and (await session.execute(select(models[name]))).scalars().all()
        }
    assert {name for name in before if name.startswith("gateway_")} - ENDED <= loaded


async def test_what_a_system_served_is_its_draft_and_what_a_rollback_returns_to(
    first_release: tuple[Database, Rows],
) -> None:
    database, before = first_release
    await migrate(database)
    async with database.reading() as session:
        (drafted,) = (await session.execute(select(DraftComponent))).scalars()
        (released,) = (await session.execute(select(ReleaseComponent))).scalars()
        (stage,) = (await session.execute(select(Stage))).scalars()
        activation = await newest_activation(session, "cmdb", "prod")
    own = {"id", "release_id", "position"}
    kept = {name for name in before["gateway_release_component"][0] if name not in own}
    assert {name: getattr(drafted, name) for name in kept} == {name: getattr(released, name) for name in kept}
    assert activation is not None
    assert (activation.release_id, activation.release) == (stage.release_id, stage.release)
    assert (stage.canary, drafted.samples, drafted.texts, drafted.upstream) == (None, [], {}, "default")
