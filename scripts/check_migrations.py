"""Fails when the tables in the code and the migrations differ: migrates an empty database, then compares."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from kernel.db.database import Database
from trunkline.migrate import migrate
from trunkline.tables import load_metadata


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, load_metadata()))


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'check.db'}")
        await migrate(database)
        async with database.engine.connect() as connection:
            differences = await connection.run_sync(_differences)
        await database.close()
    for difference in differences:
        sys.stderr.write(f"not in the migrations: {difference}\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
