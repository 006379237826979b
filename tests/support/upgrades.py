"""A database as it was at an earlier revision."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.db.database import Database
from trunkline.migrate import migrations_path


@asynccontextmanager
async def database_at(
    revision: str, database: Database, folder: Path
) -> AsyncIterator[tuple[Database, AsyncConnection]]:
    """The database, empty at that revision, with a transaction on it that is committed at the end.

    On SQLite it is a new file in `folder`; on PostgreSQL what `database` holds is dropped.
    """
    if database.is_sqlite:
        await database.close()
        database = Database(f"sqlite+aiosqlite:///{folder / 'old.db'}")
    async with database.engine.execution_options(trunkline_write=True).begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(_upgrade_to, revision)
        yield database, connection


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
