"""Secrets that a project keeps for its plugins: implemented by gateway.identity."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class ProjectSecrets(Protocol):
    async def names(self, session: AsyncSession, project_id: str) -> frozenset[str]:
        """Of those that the project has."""
        ...

    async def open(self, project_id: str, names: Collection[str]) -> dict[str, str]:
        """Name → the secret as it is now, of those that this project has; other projects' are never among them.

        Raises:
            kernel.secret_sources.errors.SecretUnavailable: the source of one can't give it.
        """
        ...
