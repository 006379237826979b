"""How far the gateway's processes have taken up what was configured: implemented by gateway.snapshot."""

from typing import Protocol


class Configuration(Protocol):
    async def newest_is_live(self) -> bool:
        """Waits, at most some seconds, until every process serves by the newest configuration; whether they do."""
        ...


class AlwaysNewest:
    """Where no process but this one serves."""

    async def newest_is_live(self) -> bool:
        return True
