from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class ComponentCatalogue(Protocol):
    """What can be applied for: implemented by gateway.registry."""

    async def component_names(self, session: AsyncSession, system: str) -> frozenset[str] | None:
        """The components some stage of the system serves; `None` when there is no such system."""
        ...

    async def unasked_components(self, session: AsyncSession, system: str) -> frozenset[str]:
        """Those of them that nobody may apply for: whoever decides on grants gives them unasked."""
        ...
