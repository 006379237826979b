"""Invocations under an `Idempotency-Key`: one that is repeated is answered as the first was, and begins nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from trunkline_plugin.serving.engine import Engine
from trunkline_plugin.serving.store import Store

_LONGEST_KEY = 255


class Repetitions:
    """Flow engines repeat a call whose answer they lost. What comes while the first is under way waits for it."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._under_way: dict[str, asyncio.Lock] = {}

    async def answer(self, app_code: str, key: str, invoke: Callable[[], Awaitable[str]]) -> str:
        """The body that is answered; without a key every call is a new one."""
        if not key or len(key) > _LONGEST_KEY:
            return await invoke()
        own = f"{app_code} {key}"
        lock = self._under_way.setdefault(own, asyncio.Lock())
        async with lock:
            try:
                return await self._first_or_kept(own, invoke)
            finally:
                self._under_way.pop(own, None)

    async def _first_or_kept(self, key: str, invoke: Callable[[], Awaitable[str]]) -> str:
        kept: str | None = await self._engine.in_thread(lambda: self._store.answer_to(key))
        if kept is not None:
            return kept
        made = await invoke()
        await self._engine.in_thread(lambda: self._store.keep_answer(key, time.time(), made))
        return made
