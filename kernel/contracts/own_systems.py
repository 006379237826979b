"""Systems the product itself serves and keeps registered: implemented by gateway.registry."""

from collections.abc import Mapping
from typing import Any, Protocol


class OwnSystems(Protocol):
    async def keep(self, name: str, address: str, document: Mapping[str, Any]) -> None:
        """Registers the system as its OpenAPI document says, or brings it up to that; opens its own transaction.

        Raises:
            TrunklineError: it can't be registered, e.g. since somebody else's has the name.
        """
        ...
