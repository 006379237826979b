"""Brings a database to the newest schema."""

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from kernel.db.database import Database

_HERE = Path(__file__).parent
_LOCK = 0x7472756E6C


def migrations_path() -> Path:
    """In a wheel the migrations lie inside this package; in a checkout beside it."""
    inside = _HERE / "migrations"
    return inside if inside.is_dir() else _HERE.parent / "migrations"


async def migrate(database: Database) -> None:
    """Upgrades to head; several processes may call it at once. A new SQLite file is its owner's alone."""
    if database.is_sqlite and database.engine.url.database:
        # SQLite gives its log files the mode of the database.
        os.close(os.open(database.engine.url.database, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    async with database.engine.execution_options(trunkline_write=True).begin() as connection:
        if not database.is_sqlite:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
