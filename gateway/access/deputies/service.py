from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.deputies.models import Deputy
from gateway.access.deputies.repository import deputies_of, find_deputy
from gateway.identity.users.repository import find_user
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal


class Systems(Protocol):
    """Systems as those who manage them find them: implemented by gateway.registry."""

    async def managed(self, session: AsyncSession, principal: Principal, name: str) -> Any:
        """Raises NotFound, PermissionDenied."""
        ...


class DeputyService:
    """Those who manage a system name deputies; deputies decide on its grants, and name nobody."""

    def __init__(self, systems: Systems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str) -> list[Deputy]:
        """Raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        return await deputies_of(session, system)

    async def name(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        username: str,
        starts_at: datetime | None,
        ends_at: datetime,
    ) -> Deputy:
        """Names a deputy, or changes for how long he is one.

        Raises:
            NotFound: no such system or user.
            PermissionDenied: the caller doesn't manage the system.
            Invalid: the time would be over before it begins, or is already.
        """
        await self._systems.managed(session, principal, system)
        if await find_user(session, username) is None:
            raise NotFound(f"There is no user {username}")
        now = self._clock.now()
        start = starts_at or now
        if ends_at <= max(start, now):
            raise Invalid.field("ends_at", "lies before the beginning, or in the past", "Send a later time")
        found = await find_deputy(session, system, username)
        before = _described(found) if found is not None else None
        deputy = found or Deputy(system=system, username=username, starts_at=start, ends_at=ends_at, named_by="")
        deputy.starts_at, deputy.ends_at, deputy.named_by = start, ends_at, principal.id
        session.add(deputy)
        await session.flush()
        record(session, principal, "deputy.named", "system", system, before=before, after=_described(deputy))
        return deputy

    async def dismiss(self, session: AsyncSession, principal: Principal, system: str, username: str) -> None:
        """He decides no more. Raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        found = await find_deputy(session, system, username)
        if found is None:
            raise NotFound(f"{username} is no deputy for {system}")
        await session.delete(found)
        record(session, principal, "deputy.dismissed", "system", system, before=_described(found))


def _described(deputy: Deputy) -> dict[str, str]:
    return {
        "deputy": deputy.username,
        "starts_at": deputy.starts_at.isoformat(),
        "ends_at": deputy.ends_at.isoformat(),
    }
