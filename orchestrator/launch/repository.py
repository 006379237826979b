from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.db.database import hold_stored
from orchestrator.launch.models import LaunchKey
from orchestrator.runtime.graphs import definition_id
from orchestrator.runtime.models import TaskDefinition

_IS_KEPT: Final = select(TaskDefinition.id).where(col(TaskDefinition.id) == bindparam("name"))


async def keep_definition(session: AsyncSession, document: dict[str, Any]) -> str:
    """Keeps what a task runs by, once however many tasks do; answers its id, and its session finds it unread."""
    name = definition_id(document)
    if (await session.execute(_IS_KEPT, {"name": name})).first() is None:
        postgres = session.get_bind().dialect.name == "postgresql"
        build = postgresql.insert if postgres else sqlite.insert
        values = {"id": name, "document": document}
        await session.execute(build(TaskDefinition).values(values).on_conflict_do_nothing())
    hold_stored(session, TaskDefinition(id=name, document=document))
    return name


async def forget_keys(session: AsyncSession, before: datetime) -> None:
    """Lets idempotency keys go that were first sent before a time."""
    await session.execute(delete(LaunchKey).where(col(LaunchKey.created_at) < before))
