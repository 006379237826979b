"""A system that was registered before stages had a history can be rolled back after the upgrade."""

from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.registry.stages.repository import newest_activation
from kernel.db.database import Database
from tests.support.upgrades import database_at
from trunkline.migrate import migrate

BEFORE = "0003"


@pytest.fixture
async def old(database: Database, tmp_path: Path) -> Database:
    """A database as it was, with a stage that serves something."""
    async with database_at(BEFORE, database, tmp_path) as (old, connection):
        await connection.execute(
            text(
                "INSERT INTO gateway_stage (id, system, name, release_id, release, upstream_url, signing, envelope,"
                " validate_requests, variables, connect_timeout, timeout, updated_at) VALUES ('s1', 'cmdb', 'prod',"
                " 'r1', '1.4.0', 'http://x', 'none', false, true, '{}', 5, 30, '2026-01-02 03:04:05+00:00')"
            )
        )
    return old


async def test_what_a_stage_served_before_the_upgrade_is_what_a_rollback_returns_to(old: Database) -> None:
    await migrate(old)
    async with old.reading() as session:
        first = await newest_activation(session, "cmdb", "prod")
    assert first is not None
    assert (first.number, first.release_id, first.release, first.back_to) == (1, "r1", "1.4.0", None)
    assert first.activated_at.isoformat() == "2026-01-02T03:04:05+00:00"
    await old.close()
