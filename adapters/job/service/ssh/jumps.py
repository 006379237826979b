"""Connections to jump hosts, shared by all who go through one at the time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncssh

Opening = Callable[[], AbstractAsyncContextManager[asyncssh.SSHClientConnection]]


@dataclass(slots=True)
class _Shared:
    users: int = 0
    opened: asyncio.Lock = field(default_factory=asyncio.Lock)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    connection: asyncssh.SSHClientConnection | None = None


class Jumps:
    """A jump host is entered with the first user and left with the last."""

    def __init__(self) -> None:
        self._shared: dict[Hashable, _Shared] = {}

    @asynccontextmanager
    async def entered(self, key: Hashable, opening: Opening) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """Raises what `opening` raises."""
        shared = self._shared.get(key)
        if shared is None or (shared.connection is not None and shared.connection.is_closed()):
            shared = self._shared[key] = _Shared()
        shared.users += 1
        try:
            async with shared.opened:
                if shared.connection is None:
                    shared.connection = await shared.stack.enter_async_context(opening())
            yield shared.connection
        finally:
            shared.users -= 1
            if shared.users == 0:
                if self._shared.get(key) is shared:
                    del self._shared[key]
                await shared.stack.aclose()
