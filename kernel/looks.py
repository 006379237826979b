"""Looks for work that are left out while nothing can have changed."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from kernel.db.database import Database

LONGEST_SECONDS: Final = 5.0
STILL_SECONDS: Final = 30.0
_PART: Final = 0.25


def when_changed(
    database: Database,
    action: Callable[[], Awaitable[bool]],
    longest: float = LONGEST_SECONDS,
    still: float = STILL_SECONDS,
) -> Callable[[], Awaitable[bool]]:
    """``action`` for `kernel.background.Repeating`, done only when this process has changed anything since.

    Args:
        longest: seconds after which it is done all the same: for what another process changed, and what has come due.
        still: what these seconds grow to while nothing changes: see `pause`.
    """
    seen = -1
    changed_at = next_time = 0.0

    async def look() -> bool:
        nonlocal seen, changed_at, next_time
        now, present = time.monotonic(), database.changes
        if present != seen:
            changed_at = now
        elif now < next_time:
            return False
        seen, next_time = present, now + pause(now - changed_at, longest, still)
        return await action()

    return look


def pause(still_for: float, longest: float, still: float) -> float:
    """Seconds until the next look when nothing has changed for so many: what comes due then was put off at the last
    change, and is found late by a quarter of that at most.
    """
    return min(max(longest, still), max(longest, still_for * _PART))
