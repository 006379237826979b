"""Systems as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import ReleaseComponent, Stage, System
from gateway.registry.repository import (
    PROD,
    components_page,
    find_component,
    find_release,
    find_stage,
    find_system,
    releases_of,
    stages_of,
    systems_page,
)
from gateway.registry.signing.keyring import SystemKeyring, VerificationKey
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import NotFound
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class DescribedSystem:
    """Attributes:
    components_count: of the release on `prod`.
    """

    system: System
    stages: Sequence[Stage]
    components_count: int


class RegistryService:
    def __init__(self, authorizer: Authorizer, keyring: SystemKeyring) -> None:
        self._authorizer = authorizer
        self._keyring = keyring

    async def browse(
        self, session: AsyncSession, principal: Principal, page: PageRequest
    ) -> tuple[list[DescribedSystem], str | None]:
        """The catalogue: everybody who is signed in sees it; with the cursor of the next page."""
        await self._authorizer.require(session, principal, Action.SYSTEM_VIEW, PLATFORM)
        found = await systems_page(session, page)
        return await self._describe(session, found.items), found.next

    async def get(self, session: AsyncSession, principal: Principal, name: str) -> DescribedSystem:
        """Raises NotFound."""
        system = await self._existing(session, principal, name)
        return (await self._describe(session, [system]))[0]

    async def components(
        self, session: AsyncSession, principal: Principal, name: str, page: PageRequest, release: str | None = None
    ) -> PageOf[ReleaseComponent]:
        """Of a release, or of the one on `prod`; those that are not public only for who manages the system."""
        await self._existing(session, principal, name)
        only_public = not await self._manages(session, principal, name)
        release_id = await self._release_id(session, name, release)
        return await components_page(session, release_id, page, only_public=only_public)

    async def component(
        self, session: AsyncSession, principal: Principal, name: str, component: str, release: str | None = None
    ) -> ReleaseComponent:
        """Raises NotFound."""
        await self._existing(session, principal, name)
        found = await find_component(session, await self._release_id(session, name, release), component)
        if found is None or not (found.is_public or await self._manages(session, principal, name)):
            raise NotFound(f"{name} has no component {component}")
        return found

    async def reveal_keys(self, session: AsyncSession, principal: Principal, name: str) -> list[VerificationKey]:
        """The keys with which the system verifies our calls, for those who manage it; each look is on record."""
        await self._existing(session, principal, name)
        await self._authorizer.require(session, principal, Action.SYSTEM_MANAGE, Resource(ResourceKind.SYSTEM, name))
        keys = await self._keyring.keys_to_verify_with(session, name)
        shown = {"keys": [f"{key.profile}/{key.key_id}" for key in keys]}
        record(session, principal, "system_keys.revealed", "system", name, after=shown)
        return keys

    async def _existing(self, session: AsyncSession, principal: Principal, name: str) -> System:
        system = await find_system(session, name)
        if system is None:
            raise NotFound(f"There is no system {name}")
        await self._authorizer.require(session, principal, Action.SYSTEM_VIEW, Resource(ResourceKind.SYSTEM, name))
        return system

    async def _manages(self, session: AsyncSession, principal: Principal, name: str) -> bool:
        resource = Resource(ResourceKind.SYSTEM, name)
        return await self._authorizer.allows(session, principal, Action.SYSTEM_MANAGE, resource)

    async def _release_id(self, session: AsyncSession, name: str, version: str | None) -> str:
        if version is None:
            stage = await find_stage(session, name, PROD)
            if stage is None:
                raise NotFound(f"{name} has nothing on stage {PROD}")
            return stage.release_id
        release = await find_release(session, name, version)
        if release is None:
            raise NotFound(f"{name} has no release {version}")
        return release.id

    async def _describe(self, session: AsyncSession, systems: Sequence[System]) -> list[DescribedSystem]:
        stages = await stages_of(session, [system.name for system in systems])
        releases = await releases_of(session, [stage.release_id for stage in stages])
        described: list[DescribedSystem] = []
        for system in systems:
            own = [stage for stage in stages if stage.system == system.name]
            served = [releases.get(stage.release_id) for stage in own if stage.name == PROD]
            count = sum(release.components_count for release in served if release is not None)
            described.append(DescribedSystem(system, own, count))
        return described
