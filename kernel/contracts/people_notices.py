"""Word to one person, by mail: implemented by gateway.access."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class PeopleNotices(Protocol):
    async def tell(self, session: AsyncSession, username: str, title: str, content: str, at: datetime) -> None:
        """Sent once the unit of work has committed. Where the operator has nobody mailed, nothing is."""
        ...


class NoNotices:
    """Tells nobody anything."""

    async def tell(self, session: AsyncSession, username: str, title: str, content: str, at: datetime) -> None: ...
