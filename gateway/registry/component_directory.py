"""What other units and rooms ask about components (contract `kernel.contracts.components.ComponentDirectory`)."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import System
from gateway.registry.repository import (
    PROD,
    all_systems,
    find_component,
    find_stage,
    find_system,
    served_components,
    served_unasked,
)
from kernel.contracts.components import ComponentDescription


class RegisteredComponents:
    async def find(self, session: AsyncSession, system: str, component: str) -> ComponentDescription | None:
        """The component as stage `prod` serves it; `system` may be an alias."""
        found = await self._system(session, system)
        stage = await find_stage(session, found.name, PROD) if found is not None else None
        if found is None or stage is None:
            return None
        row = await find_component(session, stage.release_id, component)
        if row is None:
            return None
        return ComponentDescription(
            system=found.name,
            name=row.name,
            method=row.method,
            path=row.path,
            scopes=tuple(row.scopes),
            is_read=row.is_read,
            request_schema=row.body_schema,
        )

    async def known_scopes(self, session: AsyncSession) -> frozenset[str]:
        """Every scope that some served component asks for, `system.component` forms included."""
        known: set[str] = set()
        for system, name, scopes in await served_components(session):
            known.add(f"{system}.{name}")
            known.update(scopes)
        return frozenset(known)

    async def component_names(self, session: AsyncSession, system: str) -> frozenset[str] | None:
        """What some stage of the system serves; `None` when there is no such system."""
        if await find_system(session, system) is None:
            return None
        return frozenset(name for _, name, _ in await served_components(session, [system]))

    async def unasked_components(self, session: AsyncSession, system: str) -> frozenset[str]:
        """What some stage of the system serves and nobody may apply for."""
        return frozenset(await served_unasked(session, system))

    async def _system(self, session: AsyncSession, name: str) -> System | None:
        found = await find_system(session, name)
        if found is not None:
            return found
        return next((system for system in await all_systems(session) if name in system.aliases), None)
