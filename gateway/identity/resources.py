"""Resources as people write them, `kind:id`, e.g. `flow:3f…`, `system:cmdb`, `platform`."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Resource, ResourceKind
from kernel.contracts.resources import ResourceFinder
from kernel.errors import Invalid, NotFound


class ResourceDirectory:
    """Knows the kinds that units have registered."""

    def __init__(self) -> None:
        self._finders: dict[ResourceKind, ResourceFinder] = {}

    def register(self, kind: ResourceKind, finder: ResourceFinder) -> None:
        self._finders[kind] = finder

    async def find(self, session: AsyncSession, text: str) -> Resource:
        """Raises Invalid for a kind that isn't known here, NotFound for an unknown id."""
        kind, _, resource_id = text.partition(":")
        if kind == PLATFORM.kind.value and resource_id in {"", PLATFORM.id}:
            return PLATFORM
        if kind not in set(self._finders) or not resource_id:
            known = ", ".join(f"{each}:…" for each in self._finders)
            raise Invalid.field("resource", f"{text} names no resource", f"Send platform, or one of {known}")
        found = await self.find_or_none(session, ResourceKind(kind), resource_id)
        if found is None:
            raise NotFound(f"There is no {kind} {resource_id}")
        return found

    async def find_or_none(self, session: AsyncSession, kind: ResourceKind, resource_id: str) -> Resource | None:
        return await self._finders[kind](session, resource_id)


def written(resource: Resource) -> str:
    """The inverse of `ResourceDirectory.find`."""
    return PLATFORM.kind.value if resource == PLATFORM else f"{resource.kind}:{resource.id}"
