from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

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
