"""Looks for work that are left out while nothing can have changed."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from kernel.db.database import Database

LONGEST_SECONDS: Final = 5.0
STILL_SECONDS: Final = 30.0
_PART: Final = 0.25


class Stillness:
    """Whether, and how long ago, anything was changed in a database: by this process, on SQLite by any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = -1
        self._changed_at = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether there was a change since `look`."""
        return self._database.changes != self._seen

    def look(self) -> float:
        """Seconds since a look saw a change."""
        now, present = time.monotonic(), self._database.changes
        if present != self._seen:
            self._seen, self._changed_at = present, now
        return now - self._changed_at


def stillness_of(database: Database) -> Stillness | None:
    """None on PostgreSQL: whatever is looked for there, another process may have done."""
    return Stillness(database) if database.is_sqlite else None


def when_changed(
    database: Database,
    action: Callable[[], Awaitable[bool]],
    longest: float = LONGEST_SECONDS,
    still: float = STILL_SECONDS,
) -> Callable[[], Awaitable[bool]]:
    """``action`` for `kernel.background.Repeating`, done only when anything was changed since.

    Args:
        longest: seconds after which it is done all the same: for what another process changed on PostgreSQL, and what
            has come due.
        still: what these seconds grow to while nothing changes: see `pause`.
    """
    stillness = Stillness(database)
    next_time = 0.0

    async def look() -> bool:
        nonlocal next_time
        now = time.monotonic()
        if not stillness.is_broken and now < next_time:
            return False
        next_time = now + pause(stillness.look(), longest, still)
        return await action()

    return look


def pause(still_for: float, longest: float, still: float) -> float:
    """Seconds until the next look when nothing has changed for so many: what comes due then was put off at the last
    change, and is found late by a quarter of that at most.
    """
    return min(max(longest, still), max(longest, still_for * _PART))
