"""Server-sent events of one task: what is durable is sent, in its order, once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 0.5
"""How often the database is asked when nothing woke us: the task may be run by another process."""


@dataclass(frozen=True, slots=True)
class Message:
    """Attributes:
    sequence: of the history entry it tells of; a client that comes back names the last one it saw.
    data: JSON.
    """

    event: str
    sequence: int
    data: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Attributes:
    upto: the sequence after which the next batch begins.
    final: nothing will follow.
    """

    messages: list[Message]
    upto: int
    final: bool


async def stream(
    read: Callable[[int], Awaitable[Batch]],
    changed: asyncio.Event,
    closing: asyncio.Event,
    first: Batch,
) -> AsyncGenerator[bytes, None]:
    """Sends `first`, then every batch `read` finds, until one is final or the process stops.

    Args:
        read: what came after a sequence.
        changed: set by the runtime when it has committed something of the task.
        closing: set when the process stops; the client then comes back to another.
    """
    batch = first
    quiet = 0.0
    while True:
        for message in batch.messages:
            yield format_sse_event(event=message.event, id=str(message.sequence), data_str=message.data)
            quiet = 0.0
        if batch.final or closing.is_set():
            return
        if quiet >= HEARTBEAT_SECONDS:
            yield KEEPALIVE_COMMENT
            quiet = 0.0
        quiet += await _wait(changed)
        batch = await read(batch.upto)


async def _wait(changed: asyncio.Event) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await changed.wait()
    except TimeoutError:
        pass
    changed.clear()
    return loop.time() - began
