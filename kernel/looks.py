"""Looks for work that are left out while nothing can have changed."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from kernel.db.database import Database

LONGEST_SECONDS: Final = 5.0


def when_changed(
    database: Database, action: Callable[[], Awaitable[bool]], longest: float = LONGEST_SECONDS
) -> Callable[[], Awaitable[bool]]:
    """``action`` for `kernel.background.Repeating`, done only when this process has changed anything since.

    Args:
        longest: seconds after which it is done all the same: for what another process changed, and what has come due.
    """
    seen = -1
    next_time = 0.0

    async def look() -> bool:
        nonlocal seen, next_time
        present = database.changes
        if present == seen and time.monotonic() < next_time:
            return False
        seen, next_time = present, time.monotonic() + longest
        return await action()

    return look
