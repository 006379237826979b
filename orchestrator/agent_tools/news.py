"""Waiting for news of a task, which another process may be running."""

import asyncio

LOOK_SECONDS = 0.5
"""How often it is looked when nothing woke us."""


class TaskChangesNews:
    def __init__(self, changed: asyncio.Event) -> None:
        self._changed = changed

    async def wait(self, seconds: float) -> None:
        """Returns when the task may have changed, or after `seconds`."""
        try:
            async with asyncio.timeout(min(seconds, LOOK_SECONDS)):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()
