import asyncio
import contextlib


class Bell:
    """Rings when this process has committed an event. Others' events are found by looking again from time to time."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def next_ring(self) -> asyncio.Event:
        """To be taken before looking for events, so that none between looking and waiting is missed."""
        return self._next


async def heard(ring: asyncio.Event, seconds: float) -> None:
    """Waits for the ring, so long at most."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ring.wait(), seconds)
