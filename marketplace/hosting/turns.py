"""How many calls are in a plugin's process at once, and whose turn it is."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from kernel.crowding import LOOK_SECONDS, Crowding
from kernel.fair_queue import FairQueue
from marketplace.hosting.errors import PluginAway

FEW, MANY = 8, 256
LONGEST_WAIT: Final = 20.0


class _Turn:
    __slots__ = ("coming", "has_come")

    def __init__(self) -> None:
        self.coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.has_come = False

    def come(self) -> None:
        self.has_come = True
        if not self.coming.done():
            self.coming.set_result(None)


class Turns:
    """Of one plugin in one process of the server. Nobody ever has all places.

    Args:
        busy_seconds: of the plugin's process until now; 0 where another process of the server has it.
        patience: seconds for which a call waits for its turn.
    """

    def __init__(
        self,
        busy_seconds: Callable[[], float],
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = LONGEST_WAIT,
    ) -> None:
        self._patience = patience
        self._crowding = Crowding(busy_seconds, first=FEW, few=FEW, most=MANY, clock=clock)
        self._queue: FairQueue[_Turn] = FairQueue(FEW, _Turn.come, self._share)
        self._next_look: asyncio.TimerHandle | None = None

    @property
    def under_way(self) -> int:
        return self._queue.out

    @contextlib.asynccontextmanager
    async def turn(self, party: str) -> AsyncIterator[None]:
        """Args:
            party: those who share one turn.

        Raises:
            PluginAway: it didn't come in a long time; nothing was handed to the plugin.
        """
        turn = _Turn()
        self._queue.put(party, turn)
        self._look()
        try:
            if not turn.has_come:
                async with asyncio.timeout(self._patience):
                    await turn.coming
        except BaseException as error:
            if turn.has_come:
                self._queue.done(party)
            else:
                self._queue.withdraw(party, turn)
            if isinstance(error, TimeoutError):
                raise PluginAway("The plugin has more to do than it gets done; ask again") from error
            raise
        try:
            yield
        finally:
            self._queue.done(party)

    def _look(self) -> None:
        """Again and again while calls wait: those in the plugin may all take long, and none come or go meanwhile."""
        self._queue.resize(self._crowding.look(is_crowded=self._queue.is_crowded))
        if self._queue.is_crowded and self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._next_look = None
        self._look()

    def _share(self, _party: str) -> int:
        return max(1, self._queue.limit * 3 // 4)
