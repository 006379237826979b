"""Calls counted in windows of time that begin and end for everybody at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

Window = tuple[int, int]
"""Begin and end in seconds since 1970; the end is no longer part of it."""
WindowOf = Callable[[float], Window]

MOST_CALLERS = 100_000
_DAY: Final = 86_400
_MONDAY: Final = 4 * _DAY
"""1970-01-05 was one."""
_DECEMBER: Final = 12


def every(seconds: int) -> WindowOf:
    """Windows of a fixed length, counted from 1970-01-01 00:00 UTC."""

    def window_of(now: float) -> Window:
        begin = int(now // seconds) * seconds
        return begin, begin + seconds

    return window_of


def week_of(now: float) -> Window:
    """From Monday 00:00 UTC."""
    begin = int((now - _MONDAY) // (7 * _DAY)) * 7 * _DAY + _MONDAY
    return begin, begin + 7 * _DAY


def month_of(now: float) -> Window:
    """From the first, 00:00 UTC."""
    moment = datetime.fromtimestamp(now, UTC)
    first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    following = (
        first.replace(year=first.year + 1, month=1)
        if first.month == _DECEMBER
        else first.replace(month=first.month + 1)
    )
    return int(first.timestamp()), int(following.timestamp())


class WindowCounter:
    """Counts callers in the window of the moment and forgets the window before as a whole.

    Belongs to one event loop. Beyond `MOST_CALLERS` different callers in one window, further ones are counted as one.
    A clock that is set back goes on counting in the window it was in.
    """

    __slots__ = ("_counts", "_window_of", "ends_at")

    def __init__(self, window_of: WindowOf) -> None:
        self._window_of = window_of
        self._counts: dict[str, int] = {}
        self.ends_at = 0
        """Of the window `used` looked at last."""

    def used(self, caller: str, now: float) -> int:
        """How many calls of `caller` were counted in the window of `now`."""
        if now >= self.ends_at:
            self.ends_at = self._window_of(now)[1]
            self._counts = {}
        count = self._counts.get(caller)
        if count is None:
            return self._counts.get("", 0) if len(self._counts) >= MOST_CALLERS else 0
        return count

    def count(self, caller: str) -> None:
        """Counts a call in the window `used` looked at last."""
        counts = self._counts
        if caller not in counts and len(counts) >= MOST_CALLERS:
            caller = ""
        counts[caller] = counts.get(caller, 0) + 1
