import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Protocol, TypeVar

from kernel.clock import Clock

Answer = TypeVar("Answer")


class Owner(Protocol):
    """The process that tells plugins, by its row among the runtime's workers."""

    @property
    def id(self) -> str: ...

    @property
    def alive_until(self) -> datetime:
        """Until when others see that it lives; it moves on while it does."""
        ...


class OwnerLapsed(Exception):
    """Others may take this process for dead, and do what it was about to do."""


async def while_alive(owner: Owner, clock: Clock, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Breaks the work off once others may begin it too.

    Raises:
        OwnerLapsed: it was broken off.
    """
    doing = asyncio.create_task(work)
    try:
        while not doing.done():
            left = (owner.alive_until - clock.now()).total_seconds()
            if left <= 0:
                raise OwnerLapsed(f"nobody can see since {owner.alive_until} that {owner.id} lives")
            await asyncio.wait({doing}, timeout=left)
        return doing.result()
    finally:
        if not doing.done():
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
