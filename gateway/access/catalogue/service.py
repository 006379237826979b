"""What can be called: who owns it, what needs a grant, and which of one's own apps holds one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.catalogue.repository import (
    ComponentCounts,
    apps_owned_by,
    components_found,
    counts_of,
    open_grants,
    scoped_components,
    systems_found,
    systems_of_releases,
    titles_of,
)
from gateway.access.catalogue.scope_words import ScopeWords, system_of, words_of
from gateway.access.grants.models import Grant
from gateway.access.grants.rights import GrantRights
from gateway.access.grants.states import OPEN, GrantState, state_at
from gateway.registry.models import ReleaseComponent, System
from gateway.registry.repository import find_system
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageRequest
from kernel.errors import NotFound
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class ListedSystem:
    system: System
    counts: ComponentCounts


@dataclass(frozen=True, slots=True)
class ListedComponent:
    """Attributes:
    grants: of the caller's apps that hold it or wait for it, those for the whole system included.
    scopes: its own, in words.
    """

    system: System
    component: ReleaseComponent
    grants: Sequence[Grant]
    scopes: Sequence[ScopeWords]

    @property
    def apply_for(self) -> str | None:
        """What to apply for to call it; `None` when nothing is needed, or nobody may."""
        return self.component.name if self.component.grant_required and self.component.allow_apply else None


class CatalogueService:
    """For everybody who is signed in."""

    def __init__(self, authorizer: Authorizer, rights: GrantRights, clock: Clock) -> None:
        self._authorizer = authorizer
        self._rights = rights
        self._clock = clock

    async def systems(
        self, session: AsyncSession, principal: Principal, words: str, page: PageRequest
    ) -> tuple[list[ListedSystem], str | None]:
        """Those in which all words are found, with the cursor of the next page."""
        await self._authorizer.require(session, principal, Action.SYSTEM_VIEW, PLATFORM)
        found = await systems_found(session, words, page)
        counts = await counts_of(session, [system.name for system in found.items])
        listed = [ListedSystem(system, counts.get(system.name, ComponentCounts())) for system in found.items]
        return listed, found.next

    async def components(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str | None,
        words: str,
        page: PageRequest,
        app_code: str | None = None,
    ) -> tuple[list[ListedComponent], str | None]:
        """Public components of a system, or of all, in which all words are found; with the cursor of the next page.

        Args:
            app_code: whose grants are told; `None` is all the caller's apps.

        Raises:
            NotFound: no such system.
            PermissionDenied: the app isn't the caller's.
        """
        await self._authorizer.require(session, principal, Action.SYSTEM_VIEW, PLATFORM)
        if system is not None and await find_system(session, system) is None:
            raise NotFound(f"There is no system {system}")
        found = await components_found(session, None if system is None else [system], words, page)
        systems = await systems_of_releases(session, list({component.release_id for component in found.items}))
        names = sorted({each.name for each in systems.values()})
        grants = await self._grants(session, await self._apps(session, principal, app_code), names)
        scoped = await scoped_components(session, names)
        listed = [
            ListedComponent(
                owner,
                component,
                [each for each in grants if each.system == owner.name and each.component in {component.name, None}],
                [
                    words_of(scope, owner.title or owner.name, scoped[owner.name])
                    for scope in component.scopes or [f"{owner.name}.{component.name}"]
                ],
            )
            for component in found.items
            if (owner := systems.get(component.release_id)) is not None
        ]
        return listed, found.next

    async def scope_words(self, session: AsyncSession, scopes: Sequence[str]) -> list[ScopeWords]:
        """Scopes in words, for whoever is asked to agree to them; in their order."""
        systems = sorted({system_of(scope) for scope in scopes})
        titles, scoped = await titles_of(session, systems), await scoped_components(session, systems)
        return [
            words_of(scope, titles.get(system_of(scope), system_of(scope)), scoped.get(system_of(scope), []))
            for scope in scopes
        ]

    def state_of(self, grant: Grant) -> GrantState:
        """The state of now."""
        return state_at(GrantState(grant.state), grant.expires_at, self._clock.now())

    async def _apps(self, session: AsyncSession, principal: Principal, app_code: str | None) -> list[str]:
        if app_code is not None:
            await self._rights.require_applicant(session, principal, app_code)
            return [app_code]
        apps = (await self._rights.visible_to_applicant(session, principal)).apps
        return await apps_owned_by(session, principal.id) if apps is None else sorted(apps)

    async def _grants(self, session: AsyncSession, apps: Sequence[str], systems: Sequence[str]) -> list[Grant]:
        found = await open_grants(session, apps, systems)
        return [grant for grant in found if self.state_of(grant) in OPEN]
