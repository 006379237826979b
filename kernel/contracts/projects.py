"""What other units may know of projects: implemented by gateway.identity."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    id: str
    code: str
    name: str
    service_app_code: str


class ProjectDirectory(Protocol):
    async def find(self, session: AsyncSession, id_or_code: str) -> ProjectSummary:
        """Raises:
        NotFound: no such project.
        """
        ...
