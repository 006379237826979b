"""Alembic's entry: runs on a connection that is handed over, or on the configured database."""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

from kernel.db.types import SealedText, UtcDateTime
from kernel.settings import Settings
from trunkline.tables import load_metadata


def _json(item: sa.JSON) -> str:
    plain = "sa.JSON(none_as_null=True)"
    if isinstance(item.dialect_impl(postgresql.dialect()), postgresql.JSONB):
        return f'{plain}.with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    return plain


def _render_item(kind: str, item: object, _context: object) -> str | bool:
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, SealedText):
        return f"sa.String(length={item.length})" if item.length else "sa.Text()"
    if isinstance(item, sa.JSON):
        return _json(item)
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=load_metadata(),
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_on_configured_database() -> None:
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(settings.effective_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    asyncio.run(_run_on_configured_database())
