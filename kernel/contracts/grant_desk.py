"""Applying for grants on behalf of a project's service app: implemented by gateway.access."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class GrantSummary:
    """Attributes:
    component: `None` means the whole system.
    state: applied, approved, refused, revoked or expired.
    """

    id: str
    app_code: str
    system: str
    component: str | None
    state: str
    expires_at: datetime | None


class GrantDesk(Protocol):
    async def apply_for_components(
        self, session: AsyncSession, principal: Principal, project_id: str, components: Iterable[str], reason: str
    ) -> list[GrantSummary]:
        """Files an application per `system.component` that the project's service app has neither granted nor pending.

        Returns:
            The grants that now stand for these components, old and new, whatever their state.
        """
        ...

    async def grants_for_components(
        self, session: AsyncSession, project_id: str, components: Iterable[str]
    ) -> list[GrantSummary]:
        """The newest grant of the project's service app per `system.component`, whatever its state; files nothing."""
        ...
