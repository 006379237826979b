"""Lookups remembered for a moment, so that a node doesn't cost a database read."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class TimedCache(Generic[Key, Value]):
    """Values by key for some seconds. Many who ask at once share one load; what is forgotten while it loads isn't kept.

    (aiocache keeps neither promise, and its invalidation can't be called when a transaction has committed.)
    """

    def __init__(self, load: Callable[[Key], Awaitable[Value]], *, seconds: float, size: int = 4_096) -> None:
        self._load = load
        self._seconds = seconds
        self._size = size
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._loading: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """The value; whatever loading raises is raised here and not kept."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._fill(key))
        return await asyncio.shield(task)

    def forget(self, key: Key) -> None:
        self._kept.pop(key, None)
        self._loading.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()
        self._loading.clear()

    async def _fill(self, key: Key) -> Value:
        this = asyncio.current_task()
        try:
            value = await self._load(key)
            if self._loading.get(key) is this:
                self._kept.pop(key, None)
                self._kept[key] = (monotonic() + self._seconds, value)
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            return value
        finally:
            if self._loading.get(key) is this:
                del self._loading[key]
