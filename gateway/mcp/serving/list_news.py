"""News of a server's list of tools, for clients that listen (`subscriptions/listen`, protocol version 2026-07-28).

Releases, installs and publications happen in any process; so each looks for itself, as long as somebody listens.
"""

import asyncio
from collections.abc import Callable

from mcp.server.subscriptions import ListenHandler, ServerEvent, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, SubscriptionsListenRequestParams, SubscriptionsListenResult

from gateway.mcp.catalogue import SECONDS, Offered, ToolCatalogue
from gateway.mcp.serving.context import Context

MOST_LISTENERS = 500
"""Of one process."""


class ToolNews:
    """The SDK's subscription bus for one client: it hears when the tools are others than it was told."""

    def __init__(self, catalogue: ToolCatalogue, offered: Offered) -> None:
        self._catalogue = catalogue
        self._seen = offered

    async def publish(self, event: ServerEvent) -> None:
        """Nothing is published through it: it looks."""

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        watching = asyncio.get_running_loop().create_task(self._watch(listener))

        def end() -> None:
            watching.cancel()

        return end

    async def _watch(self, listener: Callable[[ServerEvent], None]) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            found = await self._catalogue.find(self._seen.name, in_parts=self._seen.in_parts)
            if found is not None and found.tools != self._seen.tools:
                self._seen = found
                listener(ToolsListChanged())


class Listening:
    """Who listens in this process, up to a bound."""

    def __init__(self, catalogue: ToolCatalogue) -> None:
        self._catalogue = catalogue
        self._count = 0

    async def serve(
        self, offered: Offered, seconds: float, context: Context, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Until the client goes, or for `seconds`: as long as its token holds.

        Raises:
            MCPError: too many listen already.
        """
        if self._count >= MOST_LISTENERS:
            raise MCPError(
                INTERNAL_ERROR, "Too many clients listen to this process; ask for the list from time to time"
            )
        handler = ListenHandler(ToolNews(self._catalogue, offered))
        timer = asyncio.get_running_loop().call_later(seconds, handler.close)
        self._count += 1
        try:
            return await handler(context, params)
        finally:
            self._count -= 1
            timer.cancel()
