"""Who called what of a system, for those who manage it."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems
from gateway.usage.repository import Use, uses_of
from kernel.clock import Clock
from kernel.principal import Principal


class UsageService:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def of_system(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        days: int,
        components: Collection[str] | None = None,
    ) -> list[Use]:
        """Over the last days, the most called first. Raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        return await uses_of(session, system, first_day(self._clock, days), components)


def first_day(clock: Clock, days: int) -> dt.date:
    """The first of the last `days` days; today is one of them."""
    return clock.now().date() - dt.timedelta(days=days - 1)
