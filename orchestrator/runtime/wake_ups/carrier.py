"""Wake-ups between processes: which task has something to do, carried by Taskiq over Redis Streams.

A wake-up is a hint: the database says what there is to do, and a sweep finds it without one. So nobody waits for
anything here, and the worst that Redis can do costs the time to the next sweep.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from taskiq import TaskiqError
from taskiq.kicker import AsyncKicker
from taskiq.receiver import Receiver

from orchestrator.runtime.wake_ups.streams import StreamBroker

_log = structlog.get_logger()
_NAME = "wake"
_AT_ONCE = 100
_PAUSE_SECONDS = 1.0
"""After a failure, before Redis is asked again."""


class WakeSender:
    """Sends wake-ups in the background.

    Args:
        on_unsent: told the task of a wake-up that could not be sent.
    """

    def __init__(self, url: str, on_unsent: Callable[[str], None]) -> None:
        self._broker = StreamBroker(url)
        self._on_unsent = on_unsent
        self._waiting: dict[tuple[str, str], None] = {}
        self._sending: asyncio.Task[None] | None = None
        self._away_until = 0.0

    def send(self, task_id: str, worker: str = "") -> None:
        """Wakes that worker for the task; without one, any."""
        self._waiting[task_id, worker] = None
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all(), name="wake-ups sent")

    async def stop(self) -> None:
        """What was not sent yet is found by a sweep."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._broker.shutdown()

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                task_id, worker = next(iter(self._waiting))
                del self._waiting[task_id, worker]
                await self._send(task_id, worker)
        finally:
            self._sending = None

    async def _send(self, task_id: str, worker: str) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            self._on_unsent(task_id)
            return
        kicker: AsyncKicker[[str], None] = AsyncKicker(_NAME, self._broker, {"worker": worker})
        try:
            await kicker.kiq(task_id)
        except TaskiqError as error:
            _log.warning("wake_ups_unsent", reason=repr(error.__cause__))
            self._away_until = loop.time() + _PAUSE_SECONDS
            self._on_unsent(task_id)


class WakeReceiver:
    """Takes the wake-ups of a worker from `start` to `stop`: its own, and while it has room those for any."""

    def __init__(
        self, url: str, worker: str, on_wake: Callable[[str], None], has_room: Callable[[], bool] = lambda: True
    ) -> None:
        self._broker = StreamBroker(url, worker, has_room)

        async def wake(task_id: str) -> None:
            on_wake(task_id)

        self._broker.register_task(wake, task_name=_NAME)
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._listening = asyncio.create_task(self._listen(), name="wake-ups taken")

    async def stop(self) -> None:
        if self._listening is not None:
            self._broker.read_no_more()
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._broker.leave()
        await self._broker.shutdown()

    async def _listen(self) -> None:
        """Begins anew after every failure; the streams' group, too, is gone after a flush."""
        while True:
            try:
                receiver = Receiver(self._broker, max_async_tasks=_AT_ONCE, run_startup=False, validate_params=False)
                await receiver.listen(asyncio.Event())
            except Exception as error:  # noqa: BLE001  whatever it was, sweeps find the work meanwhile
                _log.warning("wake_ups_away", reason=repr(error))
            await asyncio.sleep(_PAUSE_SECONDS)
