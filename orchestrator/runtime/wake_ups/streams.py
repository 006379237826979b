"""Taskiq's messages over Redis Streams, as wake-ups want them: read once, never kept, begun anew after a flush."""

import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import redis.asyncio
from redis.exceptions import ResponseError
from taskiq import AsyncBroker, BrokerMessage

QUEUE: Final = "trunkline:wake"
GROUP: Final = "trunkline:workers"

_LONGEST_QUEUE = 10_000
_READ_AT_ONCE = 10
"""Few, so that a busy worker leaves the rest to the others."""
_BLOCK_SECONDS = 2.0
_FULL_SECONDS = 0.1
"""A full worker looks again whether it has room."""
_ANSWER_SECONDS = 1.0
_LONG_GONE_SECONDS = 3600.0
_SIGN_SECONDS = 3600


class StreamBroker(AsyncBroker):
    """A stream that all workers share, of which each message reaches one, and a stream for each worker's own.

    Messages are not acknowledged: what a worker took into its death is found by a sweep, sooner than any reclaiming
    could be safe. So there is nothing to claim, no lock to be left behind, and no round trip but the read itself.

    Args:
        worker: who reads; a process that only sends has none.
        has_room: whether it could do more now; if not, what is for any is left to the others.
    """

    def __init__(self, url: str, worker: str = "", has_room: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self._worker = worker
        self._has_room = has_room
        self._shows_next = 0.0
        self._reads_on = True
        self._redis = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=_ANSWER_SECONDS + (_BLOCK_SECONDS if worker else 0),
            socket_connect_timeout=_ANSWER_SECONDS,
        )

    async def kick(self, message: BrokerMessage) -> None:
        """Sends to the worker that the label `worker` names, or to any."""
        queue = queue_of(message.labels.get("worker", ""))
        await self._redis.xadd(queue, {b"data": message.message}, maxlen=_LONGEST_QUEUE, approximate=True)

    async def listen(self) -> AsyncGenerator[bytes, None]:
        own = queue_of(self._worker)
        self._shows_next = 0.0
        await self._show_life()
        await self._join((QUEUE, own))
        while self._reads_on:
            await self._show_life()
            queues, seconds = ((QUEUE, own), _BLOCK_SECONDS) if self._has_room() else ((own,), _FULL_SECONDS)
            streams: dict[Any, Any] = dict.fromkeys(queues, ">")
            found: Any = await self._redis.xreadgroup(
                GROUP, self._worker, streams, count=_READ_AT_ONCE, block=int(seconds * 1000), noack=True
            )
            for _, messages in found:
                for _, fields in messages:
                    yield fields[b"data"]

    def read_no_more(self) -> None:
        """Whoever listens ends after the read that is under way, even if its cancellation is lost: `asyncio.wait_for`,
        by which the client of Redis sends, loses one that comes as the sending ends (Python 3.11).
        """
        self._reads_on = False

    async def leave(self) -> None:
        """Forgets the worker."""
        await self._forget(self._worker)

    async def shutdown(self) -> None:
        await super().shutdown()
        await self._redis.aclose()

    async def _join(self, queues: tuple[str, ...]) -> None:
        """From the stream's beginning on: what was sent before the first worker came, or after a flush, is not lost."""
        for queue in queues:
            try:
                await self._redis.xgroup_create(queue, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise
        # Workers that were killed have left their names and streams.
        for consumer in await self._redis.xinfo_consumers(QUEUE, GROUP):
            name = consumer["name"].decode()
            if consumer["idle"] > _LONG_GONE_SECONDS * 1000 and not await self._redis.exists(_life_of(name)):
                await self._forget(name)

    async def _show_life(self) -> None:
        """Streams tell when a worker got something last, not that it waits."""
        now = time.monotonic()
        if now >= self._shows_next:
            await self._redis.set(_life_of(self._worker), 1, ex=_SIGN_SECONDS)
            self._shows_next = now + _SIGN_SECONDS / 4

    async def _forget(self, worker: str) -> None:
        await self._redis.xgroup_delconsumer(QUEUE, GROUP, worker)
        await self._redis.delete(queue_of(worker), _life_of(worker))


def queue_of(worker: str) -> str:
    return f"{QUEUE}:{worker}" if worker else QUEUE


def _life_of(worker: str) -> str:
    return f"{queue_of(worker)}:lives"
