"""Work that knows itself when it has to be done next."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger()
_PATIENCE_SECONDS = 3.0


class Alarm:
    """Calls `action` when it is rung, and otherwise when the seconds are over that the last call answered.

    Args:
        shortest: seconds between two calls, however often it is rung meanwhile.
        longest: seconds without a call, whatever was answered: what another process did rings nothing here.
    """

    def __init__(
        self, name: str, action: Callable[[], Awaitable[float]], *, shortest: float = 0.0, longest: float
    ) -> None:
        self._name = name
        self._action = action
        self._shortest = shortest
        self._longest = longest
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._rung.set()
        self._task = asyncio.create_task(self._run(), name=self._name)

    def ring(self) -> None:
        """There may be something to do now."""
        self._rung.set()

    async def stop(self) -> None:
        """A call under way may hold a transaction: it is let finish, and broken off only when it takes too long."""
        if self._task is None:
            return
        self._stopping.set()
        self._rung.set()
        _, unfinished = await asyncio.wait({self._task}, timeout=_PATIENCE_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        wait = self._longest
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), wait)
            if self._stopping.is_set():
                return
            self._rung.clear()
            wait = min(self._longest, await self._call())
            if self._shortest and not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._shortest)
                wait = max(0.0, wait - self._shortest)

    async def _call(self) -> float:
        try:
            return await self._action()
        except Exception as error:  # noqa: BLE001  it must live on whatever a call raises
            _log.error("background_work_failed", work=self._name, exc_info=error)
            return self._longest
