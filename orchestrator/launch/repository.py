from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.launch.models import LaunchKey
from orchestrator.runtime.graphs import definition_id
from orchestrator.runtime.models import TaskDefinition


async def keep_definition(session: AsyncSession, document: dict[str, Any]) -> str:
    """Keeps what a task runs by, once however many tasks do; answers its id."""
    name = definition_id(document)
    postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if postgres else sqlite.insert
    values = {"id": name, "document": document}
    await session.execute(build(TaskDefinition).values(values).on_conflict_do_nothing())
    return name


async def forget_keys(session: AsyncSession, before: datetime) -> None:
    """Lets idempotency keys go that were first sent before a time."""
    await session.execute(delete(LaunchKey).where(col(LaunchKey.created_at) < before))
