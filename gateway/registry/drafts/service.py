"""A system's components as people edit them, one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_checks import address_of, address_taken, component_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.repository import draft_addresses, draft_page, find_draft_component
from gateway.registry.importers.curl import import_curl
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import DraftComponent
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from kernel.principal import Principal

MOST_COMPONENTS = 20_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A component that nobody has stored yet."""

    name: str
    component: Mapping[str, Any]
    base_url: str
    notes: tuple[FieldProblem, ...]


class DraftService:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def browse(
        self, session: AsyncSession, principal: Principal, system: str, page: PageRequest
    ) -> PageOf[DraftComponent]:
        await self._systems.managed(session, principal, system)
        return await draft_page(session, system, page)

    async def get(self, session: AsyncSession, principal: Principal, system: str, name: str) -> DraftComponent:
        """Raises NotFound."""
        await self._systems.managed(session, principal, system)
        return await _existing(session, system, name)

    async def from_curl(self, session: AsyncSession, principal: Principal, system: str, command: str) -> Proposal:
        """Raises Invalid for a line that is more, or less, than one plain call."""
        await self._systems.managed(session, principal, system)
        found = import_curl(command, system)
        if found.component is None:
            problems = [replace(problem, field="command") for problem in found.problems]
            raise Invalid("; ".join(f"command {problem.problem}" for problem in problems[:5]), fields=problems)
        notes = tuple(replace(note, field="command") for note in found.notes)
        return Proposal(found.component.name, editable(found.component), found.base_url, notes)

    async def put(
        self, session: AsyncSession, principal: Principal, system: str, component: ComponentDefinition
    ) -> DraftComponent:
        """Makes the component or replaces all of it; calls are not touched before it is released.

        Raises:
            Invalid: it could not be served; each wrong member is named.
            Conflict: another component has its address, or there are too many.
        """
        await self._systems.lock(session, principal, system)
        return await self._store(session, principal, system, component)

    async def change(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        name: str,
        changed: Callable[[ComponentDefinition], ComponentDefinition],
    ) -> DraftComponent:
        """Puts what `changed` makes of the component, while nobody else can change it.

        Raises:
            NotFound: no such component.
            Invalid, Conflict: as `put`.
        """
        await self._systems.lock(session, principal, system)
        row = await _existing(session, system, name)
        return await self._store(session, principal, system, changed(ComponentDefinition.from_columns(row)))

    async def _store(
        self, session: AsyncSession, principal: Principal, system: str, component: ComponentDefinition
    ) -> DraftComponent:
        problems = component_problems(component, system)
        if problems:
            shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
            raise Invalid(f"The component can't be served: {shown}", code="bad_component", fields=problems)
        await self._check_beside_others(session, system, component)
        row = await find_draft_component(session, system, component.name)
        before = ComponentDefinition.from_columns(row) if row is not None else None
        if row is not None and before == component:
            return row
        columns = component.columns()
        if row is None:
            row = DraftComponent(system=system, updated_by=principal.id, updated_at=self._clock.now(), **columns)
            session.add(row)
        else:
            for name, value in columns.items():
                setattr(row, name, value)
            row.updated_by, row.updated_at = principal.id, self._clock.now()
        await session.flush()
        record(
            session,
            principal,
            "draft.component_changed" if before is not None else "draft.component_added",
            "system",
            system,
            before=_audited(before) if before is not None else None,
            after=_audited(component),
        )
        return row

    async def remove(self, session: AsyncSession, principal: Principal, system: str, name: str) -> None:
        """The next release is without it. Raises NotFound."""
        await self._systems.lock(session, principal, system)
        row = await _existing(session, system, name)
        before = _audited(ComponentDefinition.from_columns(row))
        await session.delete(row)
        record(session, principal, "draft.component_removed", "system", system, before=before)

    async def _check_beside_others(self, session: AsyncSession, system: str, component: ComponentDefinition) -> None:
        others = [each for each in await draft_addresses(session, system) if each.name != component.name]
        if len(others) >= MOST_COMPONENTS:
            raise Conflict(f"A system has at most {MOST_COMPONENTS} components; split it")
        wanted = address_of(component.method, component.path, component.match_subpath)
        for other in others:
            if address_of(other.method, other.path, other.match_subpath) == wanted:
                problem: FieldProblem = address_taken(component.name, other.name)
                raise Conflict(f"{problem.field}: {problem.problem}", fields=[problem])


def editable(component: ComponentDefinition) -> dict[str, Any]:
    """The definition as PUT takes it: the name stands in the address."""
    document = component.document()
    del document["name"]
    return document


async def _existing(session: AsyncSession, system: str, name: str) -> DraftComponent:
    row = await find_draft_component(session, system, name)
    if row is None:
        raise NotFound(f"The draft of {system} has no component {name}")
    return row


def _audited(component: ComponentDefinition) -> dict[str, object]:
    """Without texts and schemas, which are long, and without samples, which hold what people tried."""
    left_out = {"parameters", "body_schema", "response_schema", "texts", "samples", "description"}
    return {name: value for name, value in component.document().items() if name not in left_out}
