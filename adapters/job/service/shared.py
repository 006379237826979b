"""Something that several runs use at the time: opened for the first, closed after the last."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Use(Generic[Thing]):
    users: int = 0
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    thing: Thing | None = None
    failure: Exception | None = None


class Shared(Generic[Thing]):
    """Args:
    is_spent: whether newcomers must not use it any more.
    """

    def __init__(self, is_spent: Callable[[Thing], bool]) -> None:
        self._is_spent = is_spent
        self._uses: dict[Hashable, _Use[Thing]] = {}

    @asynccontextmanager
    async def used(
        self, key: Hashable, opening: Callable[[], AbstractAsyncContextManager[Thing]]
    ) -> AsyncIterator[Thing]:
        """Raises what `opening` raises, to all who waited for it: they need not find out one after the other."""
        use = self._uses.get(key)
        if use is None or use.failure is not None or (use.thing is not None and self._is_spent(use.thing)):
            use = self._uses[key] = _Use()
        use.users += 1
        try:
            yield await _opened(use, opening)
        finally:
            use.users -= 1
            if use.users == 0:
                if self._uses.get(key) is use:
                    del self._uses[key]
                await use.stack.aclose()


async def _opened(use: _Use[Thing], opening: Callable[[], AbstractAsyncContextManager[Thing]]) -> Thing:
    async with use.opening:
        if use.failure is not None:
            raise use.failure
        if use.thing is None:
            try:
                use.thing = await use.stack.enter_async_context(opening())
            except Exception as failure:
                use.failure = failure
                raise
        return use.thing
