"""Work that knows itself when it has to be done next."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from kernel.bell import Bell
from kernel.looks import STILL_SECONDS, Stillness, pause

_log = structlog.get_logger()
_PATIENCE_SECONDS = 3.0
NOTHING_DUE: Final = math.inf
"""What a call answers that knows of no time at which there will be something to do."""


class Alarm:
    """Calls `action` when it is rung, and otherwise when the seconds are over that the last call answered.

    Args:
        shortest: seconds between two calls, however often it is rung meanwhile.
        longest: seconds without a call, whatever was answered: what another process did rings nothing here.
        stillness: for a look that finds something only when the database was changed, or at the time that it answered:
            while nothing changes `longest` grows, see `kernel.looks.pause`.
    """

    def __init__(
        self,
        name: str,
        action: Callable[[], Awaitable[float]],
        *,
        shortest: float = 0.0,
        longest: float,
        stillness: Stillness | None = None,
    ) -> None:
        self._name = name
        self._action = action
        self._shortest = shortest
        self._longest = longest
        self._stillness = stillness
        self._rung = Bell()
        self._stopping = Bell()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._rung.ring()
        self._task = asyncio.create_task(self._run(), name=self._name)

    def ring(self) -> None:
        """There may be something to do now."""
        self._rung.ring()

    async def stop(self) -> None:
        """A call under way may hold a transaction: it is let finish, and broken off only when it takes too long."""
        if self._task is None:
            return
        self._stopping.ring()
        self._rung.ring()
        _, unfinished = await asyncio.wait({self._task}, timeout=_PATIENCE_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        wait = self._longest
        while not self._stopping.is_rung():
            await self._rest(wait)
            if self._stopping.is_rung():
                return
            self._rung.clear()
            longest = self._longest
            if self._stillness is not None:
                longest = pause(self._stillness.look(), longest, STILL_SECONDS)
            wait = min(longest, await self._call())
            if self._shortest and not self._stopping.is_rung():
                await self._stopping.wait(self._shortest)
                wait = max(0.0, wait - self._shortest)

    async def _rest(self, seconds: float) -> None:
        """Until it is rung, the time is over, or something has changed; that is looked at now and then."""
        await self._rung.wait(min(seconds, self._longest))
        left = seconds - self._longest
        while left > 0 and self._stillness is not None and not (self._rung.is_rung() or self._stillness.is_broken):
            await self._rung.wait(min(left, self._longest))
            left -= self._longest

    async def _call(self) -> float:
        try:
            return await self._action()
        except Exception as error:  # noqa: BLE001  it must live on whatever a call raises
            _log.error("background_work_failed", work=self._name, exc_info=error)
            return self._longest
