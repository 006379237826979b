"""The way into every change of a system: in turn, by somebody who may, published in the same unit of work."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import Release, Stage, System
from gateway.registry.repository import find_release, find_stage, find_system
from gateway.registry.shards import system_document
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.errors import NotFound
from kernel.principal import Principal


class ManagedSystems:
    def __init__(self, authorizer: Authorizer, publisher: SnapshotPublisher) -> None:
        self._authorizer = authorizer
        self._publisher = publisher

    async def visible(self, session: AsyncSession, principal: Principal, name: str) -> System:
        """Raises NotFound, PermissionDenied."""
        system = await find_system(session, name)
        if system is None:
            raise NotFound(f"There is no system {name}")
        await self._authorizer.require(session, principal, Action.SYSTEM_VIEW, Resource(ResourceKind.SYSTEM, name))
        return system

    async def managed(self, session: AsyncSession, principal: Principal, name: str) -> System:
        """For looks that only those who manage the system may have. Raises NotFound, PermissionDenied."""
        system = await self.visible(session, principal, name)
        await self._authorizer.require(session, principal, Action.SYSTEM_MANAGE, Resource(ResourceKind.SYSTEM, name))
        return system

    async def manages(self, session: AsyncSession, principal: Principal, name: str) -> bool:
        resource = Resource(ResourceKind.SYSTEM, name)
        return await self._authorizer.allows(session, principal, Action.SYSTEM_MANAGE, resource)

    async def wait_for_others(self, session: AsyncSession) -> None:
        """Until other changes of configuration have ended; then nothing read here changes before the commit."""
        await self._publisher.lock(session)

    async def lock(self, session: AsyncSession, principal: Principal, name: str) -> System:
        """Waits for others, as `wait_for_others`; answers the system that is to be changed.

        Raises:
            NotFound: no such system.
            PermissionDenied: the principal doesn't manage it.
        """
        await self.wait_for_others(session)
        return await self.managed(session, principal, name)

    async def publish(self, session: AsyncSession, name: str) -> int:
        """Publishes the system as it now stands; answers the revision at which that is live."""
        return await self._publisher.publish(session, lambda inside: system_document(inside, name))

    async def revision(self, session: AsyncSession, name: str) -> int:
        """At which the system changed last: the answer to a change that changes nothing."""
        return await shard_revision(session, f"system:{name}")


async def existing_stage(session: AsyncSession, system: str, name: str) -> Stage:
    """Raises NotFound."""
    stage = await find_stage(session, system, name)
    if stage is None:
        raise NotFound(f"{system} has no stage {name}")
    return stage


async def existing_release(session: AsyncSession, system: str, version: str) -> Release:
    """Raises NotFound."""
    release = await find_release(session, system, version)
    if release is None:
        raise NotFound(f"{system} has no release {version}")
    return release
