"""Which apps manage a system as its owner does."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.identity.authorization.models import RelatedApp
from gateway.identity.authorization.repository import find_related, related_apps
from gateway.registry.managed_systems import ManagedSystems
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.principal import Principal


class RelatedAppService:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str) -> list[RelatedApp]:
        """By code; raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        return await related_apps(session, system)

    async def add(self, session: AsyncSession, principal: Principal, system: str, app_codes: Sequence[str]) -> None:
        """Adding twice changes nothing.

        Raises:
            Invalid: there is no such app. A code nobody has could be taken by anybody later.
        """
        await self._systems.lock(session, principal, system)
        unknown = [code for code in app_codes if await find_app(session, code) is None]
        if unknown:
            problem = f"there is no app {', '.join(unknown)}"
            raise Invalid(problem, fields=[FieldProblem("related_app_codes", problem, "Create it first")])
        for code in dict.fromkeys(app_codes):
            await relate(session, principal, system, code, self._clock.now())

    async def remove(self, session: AsyncSession, principal: Principal, system: str, app_code: str) -> None:
        """Raises NotFound, PermissionDenied."""
        await self._systems.lock(session, principal, system)
        found = await find_related(session, system, app_code)
        if found is None:
            raise NotFound(f"{app_code} is not related to {system}")
        await session.delete(found)
        record(session, principal, "related_app.removed", "system", system, before={"app_code": app_code})


async def relate(session: AsyncSession, principal: Principal, system: str, app_code: str, now: datetime) -> None:
    """The caller has checked the right to."""
    if await find_related(session, system, app_code) is not None:
        return
    session.add(RelatedApp(system=system, app_code=app_code, added_by=principal.id, created_at=now))
    await session.flush()
    record(session, principal, "related_app.added", "system", system, after={"app_code": app_code})
