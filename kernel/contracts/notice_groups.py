"""People of a project who are told together: implemented by the orchestrator."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class NoticeGroups(Protocol):
    async def people_of(
        self, session: AsyncSession, project_id: str, names: Collection[str]
    ) -> Mapping[str, Sequence[str]]:
        """User names by group; groups that aren't there are missing."""
        ...


class NoGroups:
    """Of a product without flows."""

    async def people_of(self, *_asked: object) -> Mapping[str, Sequence[str]]:
        return {}
