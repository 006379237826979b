"""A system that was registered before stages had a history can be rolled back after the upgrade."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from gateway.registry.stages.repository import newest_activation
from kernel.db.database import Database
from trunkline.migrate import migrate, migrations_path

BEFORE = "0003"


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.fixture
async def old(database: Database, tmp_path: Path) -> Database:
    """A database as it was, with a stage that serves something."""
    if database.is_sqlite:
        await database.close()
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    async with database.engine.execution_options(trunkline_write=True).begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(_upgrade_to, BEFORE)
        await connection.execute(
            text(
                "INSERT INTO gateway_stage (id, system, name, release_id, release, upstream_url, signing, envelope,"
                " validate_requests, variables, connect_timeout, timeout, updated_at) VALUES ('s1', 'cmdb', 'prod',"
                " 'r1', '1.4.0', 'http://x', 'none', false, true, '{}', 5, 30, '2026-01-02 03:04:05+00:00')"
            )
        )
    return database


async def test_what_a_stage_served_before_the_upgrade_is_what_a_rollback_returns_to(old: Database) -> None:
    await migrate(old)
    async with old.reading() as session:
        first = await newest_activation(session, "cmdb", "prod")
    assert first is not None
    assert (first.number, first.release_id, first.release, first.back_to) == (1, "r1", "1.4.0", None)
    assert first.activated_at.isoformat() == "2026-01-02T03:04:05+00:00"
    await old.close()
