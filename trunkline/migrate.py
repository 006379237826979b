"""Brings a database to the newest schema."""

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
    """Upgrades to head; several processes may call it at once."""
    async with database.engine.execution_options(trunkline_write=True).begin() as connection:
        if not database.is_sqlite:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
