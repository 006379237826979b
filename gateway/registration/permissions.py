"""Grants by the registration API: a related app gives them, any app applies for its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import find_app
from gateway.access.grants.catalogue import ComponentCatalogue
from gateway.access.grants.duration import Duration
from gateway.access.grants.models import Grant
from gateway.access.grants.service import GrantService
from gateway.access.grants.states import GrantState
from gateway.registry.managed_systems import ManagedSystems
from kernel.clock import Clock
from kernel.errors import FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind


@dataclass(frozen=True, slots=True)
class PermissionOrder:
    """Attributes:
    components: none for the whole gateway.
    days: none for ever.
    """

    app_code: str
    components: Sequence[str] | None
    days: int | None
    reason: str = ""


class PermissionRegistration:
    def __init__(
        self, systems: ManagedSystems, grants: GrantService, components: ComponentCatalogue, clock: Clock
    ) -> None:
        self._systems = systems
        self._grants = grants
        self._components = components
        self._clock = clock

    async def grant(
        self, session: AsyncSession, principal: Principal, system: str, order: PermissionOrder
    ) -> tuple[list[Grant], int]:
        """Gives the app the grants; answers them and the revision. What it has already stays as it is.

        Raises:
            NotFound: no such gateway or app.
            PermissionDenied: the caller doesn't manage the gateway.
            Invalid: a component nobody serves.
        """
        await self._systems.lock(session, principal, system)
        grants = await self._file(session, principal, system, order, None)
        until = None if order.days is None else self._clock.now() + timedelta(days=order.days)
        revision = await self._systems.revision(session, system)
        for grant in grants:
            if self._grants.state_of(grant) is GrantState.APPLIED:
                _, revision = await self._grants.give(session, principal, grant.id, Duration(None, until))
        return grants, revision

    async def apply(
        self, session: AsyncSession, principal: Principal, system: str, order: PermissionOrder
    ) -> list[Grant]:
        """Files applications for the calling app itself.

        Raises:
            PermissionDenied: the caller is another app or a person, or nobody may apply for a component.
            NotFound, Invalid: as `grant`.
        """
        if (principal.kind, principal.id) != (PrincipalKind.APP, order.app_code):
            raise PermissionDenied(f"{principal.id} can't apply for {order.app_code}; each app applies for itself")
        await self._grants.check_may_apply(session, principal, system, order.components or ())
        return await self._file(session, principal, system, order, order.days)

    async def _file(
        self, session: AsyncSession, principal: Principal, system: str, order: PermissionOrder, days: int | None
    ) -> list[Grant]:
        app = await self._app(session, order.app_code)
        known = await self._components.component_names(session, system)
        if known is None:
            raise NotFound(f"There is no gateway {system}")
        unknown = [name for name in order.components or () if name not in known]
        if unknown:
            problem = f"{system} serves no {', '.join(unknown[:5])}"
            raise Invalid(problem, fields=[FieldProblem("resource_names", problem, "Release them first")])
        if order.components is not None and not order.components:
            raise Invalid.field("resource_names", "is missing", "Name the resources, or send gateway as dimension")
        wanted: list[str | None] = [None] if order.components is None else list(dict.fromkeys(order.components))
        return await self._grants.file(session, principal, app, system, wanted, order.reason, days)

    async def _app(self, session: AsyncSession, app_code: str) -> App:
        app = await find_app(session, app_code, for_update=True)
        if app is None:
            raise NotFound(f"There is no app {app_code}; create it first")
        return app
