"""How long tests wait for what must come: only what hangs takes longer, even on a machine that stands still."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx
import httpx2

PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.01
_LONG_PAUSE_SECONDS: Final = 0.05

Seen = TypeVar("Seen")


def share_patience() -> None:
    """HTTP clients of tests wait as long, unless they say otherwise: a machine stands still for their five seconds."""
    for each in (httpx._config.DEFAULT_TIMEOUT_CONFIG, httpx2._config.DEFAULT_TIMEOUT_CONFIG):
        each.connect = each.read = each.write = each.pool = PATIENCE_SECONDS


def patience() -> asyncio.Timeout:
    """Around what must end by itself."""
    return asyncio.timeout(PATIENCE_SECONDS)


async def until(look: Callable[[], Seen | Awaitable[Seen]]) -> Seen:
    """What is seen once there is something to see, where nothing tells that it came."""
    async with patience():
        while not (seen := await _seen(look)):  # noqa: ASYNC110  an event is for what tells
            await asyncio.sleep(_PAUSE_SECONDS)
    return seen


def eventually(look: Callable[[], Seen]) -> Seen:
    """As `until`, in a test without a loop; an address that does not answer yet is waited for too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen: object = None
    while time.monotonic() < deadline:
        try:
            if seen := look():
                return seen
        except httpx.TransportError as problem:
            seen = problem
        time.sleep(_LONG_PAUSE_SECONDS)
    raise AssertionError(f"it has not come to be: {seen!r}")


async def _seen(look: Callable[[], Seen | Awaitable[Seen]]) -> Seen:
    seen = look()
    return await seen if inspect.isawaitable(seen) else seen
