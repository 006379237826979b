"""What one waits for over and over, each time with a limit."""

import asyncio


class Bell:
    """As `asyncio.Event`, for one who waits and always with a limit.

    `asyncio.wait_for` makes a task and two exceptions of every limit that is reached, and reaching limits is most of
    what an idle process does.
    """

    def __init__(self) -> None:
        self._rung = False
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Ends the wait under way, or else the next one before it begins."""
        self._rung = True
        self._end()

    def is_rung(self) -> bool:
        """Whether it was rung since it was cleared."""
        return self._rung

    def clear(self) -> None:
        self._rung = False

    async def wait(self, seconds: float) -> None:
        """Until it is rung, at most so long; at once when it was rung and nobody has cleared it since."""
        if self._rung:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        limit = loop.call_later(seconds, self._end)
        try:
            await self._waiting
        finally:
            limit.cancel()
            self._waiting = None

    def _end(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
