"""A thread with an event loop of its own: the loop that forwards calls never waits for the code of others."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class CodedLoop:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is not None:
            return
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="coded components", daemon=True)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Runs it there. Raises TimeoutError after that time, even where the work never lets go of its loop."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the loop of coded components is not running")
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), seconds)
        finally:
            running.cancel()

    async def stop(self, close: Coroutine[Any, Any, None], seconds: float = 5.0) -> None:
        """Runs `close` there, then ends the loop. A thread that is stuck is left behind: it ends with the process."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            close.close()
            return
        self._loop = self._thread = None
        try:
            await asyncio.wait_for(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(close, loop)), seconds)
        except TimeoutError:
            return
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join, seconds)
        if not thread.is_alive():
            loop.close()
