"""Work that repeats in the background and must neither stop at an error nor outlive its process."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kernel.bell import Bell

_log = structlog.get_logger()
_PATIENCE_SECONDS = 3.0
_FIRST_PAUSE_SECONDS = 60.0
"""Before the first turn, at most: a process that never lives as long as a pause of hours takes one too."""


class Repeating:
    """Calls `action` every `seconds` from `start()` to `stop()`; an error is logged and the next turn comes.

    Args:
        action: answers true when there is more to do at once.
        at_once: whether the first turn comes at the start, or else after a pause, which is a minute at most. Nobody
            waits for what expires or is forgotten, and all turns at a time take as many connections to the database.
    """

    def __init__(
        self, name: str, seconds: float, action: Callable[[], Awaitable[bool]], *, at_once: bool = True
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._action = action
        self._at_once = at_once
        self._task: asyncio.Task[None] | None = None
        self._stopping = Bell()

    def start(self) -> None:
        self._stopping = Bell()
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """A turn under way may hold a transaction: it is let finish, and broken off only when it takes too long."""
        if self._task is None:
            return
        self._stopping.ring()
        _, unfinished = await asyncio.wait({self._task}, timeout=_PATIENCE_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        if not self._at_once:
            await self._stopping.wait(min(self._seconds, _FIRST_PAUSE_SECONDS))
        while not self._stopping.is_rung():
            more = False
            try:
                more = await self._action()
            except Exception as error:  # noqa: BLE001  the loop must live on whatever a turn raises
                _log.error("background_work_failed", work=self._name, exc_info=error)
            if not more:
                await self._stopping.wait(self._seconds)
