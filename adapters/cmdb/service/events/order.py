"""Events get their ids in the order in which they are committed: a reader that has seen one has seen all before it."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

_LOCK: Final = 0x636D6462
"""`cmdb`: the number of the lock among those of the database."""


async def one_after_another(session: AsyncSession) -> None:
    """Has changes of the inventory wait for each other until they are committed.

    Sequences of PostgreSQL hand out numbers before the commit, so that a later number could be seen first. SQLite has
    one writer anyhow. Taken before any row is locked, so that no two changes wait for each other in a circle.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
