"""How long a connection waits for its client."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

FOREVER: Final = math.inf

_STEP: Final = 5.0


class DeadlineTimer:
    """One timer for a connection: it is not set anew with each request, but looks at ``deadline`` when it fires.

    ``deadline`` is in the loop's time. ``wait`` is exact; who writes a deadline gets it, and up to five seconds more.
    """

    __slots__ = ("_at", "_loop", "_over", "_timer", "deadline")

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[], None]) -> None:
        self.deadline = FOREVER
        self._loop = loop
        self._over = over
        self._at = FOREVER
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, seconds: float) -> None:
        """Has ``over`` called after so many seconds, unless the deadline is written meanwhile."""
        self.deadline = self._loop.time() + seconds
        if self._at > self.deadline:
            self._look_at(self.deadline)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = moment
        self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        self._at = FOREVER
        now = self._loop.time()
        if now >= self.deadline:
            self._over()
        else:
            self._look_at(min(self.deadline, now + _STEP))
