"""How long a connection waits for its client."""

import asyncio
import math
from collections.abc import Callable

FOREVER = math.inf


class Patience:
    """One timer for a connection: it is not set anew with each request, but looks at ``deadline`` when it fires.

    ``deadline`` is in the loop's time; write it freely, and call ``watch`` when it came nearer.
    """

    __slots__ = ("_loop", "_over", "_timer", "deadline")

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[], None]) -> None:
        self.deadline = FOREVER
        self._loop = loop
        self._over = over
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Has ``over`` called after the deadline of that moment."""
        if self._timer is None and self.deadline != FOREVER:
            self._timer = self._loop.call_at(self.deadline, self._look)

    def end(self) -> None:
        self.deadline = FOREVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() >= self.deadline:
            self._over()
        else:
            self.watch()
