"""An event loop with a time of its own: a machine that stands still changes nothing for what goes by its clock."""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final

_QUIET_SECONDS: Final = 0.005


class _Watching(selectors.DefaultSelector):
    """Where the loop waits for files and time, it waits for files alone; the time it asked for has passed then.

    Attributes:
        let_pass: is told how many seconds have passed.
        is_busy: whether work of this loop goes on in threads, which takes no time either.
    """

    let_pass: Callable[[float], None]
    is_busy: Callable[[], bool]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        # What was sent meanwhile is there at a second look, however long the first one took.
        if (ready := super().select(_QUIET_SECONDS) or super().select(0)) or self.is_busy():
            return ready
        self.let_pass(timeout)
        return ready


class OwnTimeLoop(asyncio.SelectorEventLoop):
    """Its time goes on while nothing else does, as far as the next timer at once.

    For tests whose every part is in the loop; other processes would be given no time at all.
    """

    def __init__(self) -> None:
        watching = _Watching()
        watching.let_pass, watching.is_busy = self._let_pass, self._is_busy
        self._passed = 0.0
        self._threads = 0
        super().__init__(watching)

    def time(self) -> float:
        return self._passed

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self._threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: asyncio.Future[Any]) -> None:
        self._threads -= 1

    def _is_busy(self) -> bool:
        return self._threads > 0

    def _let_pass(self, seconds: float) -> None:
        self._passed += seconds
