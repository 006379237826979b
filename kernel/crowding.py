"""How many pieces of work at once are worth while, for somebody who works on all of them.

While his hands are not full, more at once are done sooner: they wait for something else. When they are, more at once
are done no sooner, and each newcomer waits for all that came before. How full they are is read off the scheduler: the
part of the time in which a thread ran, or wanted to run (proc(5); Documentation/scheduler/sched-stats.rst of Linux).
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

FULL: Final = 0.85
"""Not more: a thread that waits for another one to let go of the interpreter does not want to run by this measure."""
EASY: Final = 0.7
LOOK_SECONDS: Final = 0.25
_PROC: Final = Path("/proc")
_NANOSECONDS: Final = 1e9


def next_limit(limit: int, busy: float, *, few: int, most: int, is_crowded: bool) -> int:
    """How many may be under way from now on.

    Args:
        limit: until now.
        busy: the part of the time since the last look in which there was something to do.
        few, most: what it never falls below, or rises above.
        is_crowded: work waits for its turn.
    """
    if busy >= FULL:
        return max(few, limit * 3 // 4)
    if busy < EASY and is_crowded:
        return min(most, limit + limit // 2 + 1)
    return limit


class Crowding:
    """One limit that follows how busy somebody is; looked at when it is asked for, a few times a second at most.

    Args:
        busy_seconds: in which he had something to do, from whenever on.
        first: the limit at the beginning.
        clock: seconds, from whenever on.
    """

    def __init__(
        self,
        busy_seconds: Callable[[], float],
        *,
        first: int,
        few: int,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._busy_seconds = busy_seconds
        self._clock = clock
        self._few = min(few, most)
        self._most = most
        self._looked: tuple[float, float] | None = None
        self.limit = first

    def look(self, *, is_crowded: bool) -> int:
        """The limit from now on."""
        now = self._clock()
        if self._looked is None:
            self._looked = now, self._busy_seconds()
        elif (passed := now - self._looked[0]) >= LOOK_SECONDS:
            before, self._looked = self._looked[1], (now, self._busy_seconds())
            busy = (self._looked[1] - before) / passed
            self.limit = next_limit(self.limit, busy, few=self._few, most=self._most, is_crowded=is_crowded)
        return self.limit


def busy_seconds_of_this_thread() -> float:
    """In which it ran or wanted to run; where the kernel doesn't tell, in which it ran."""
    found = _schedstat(_PROC / "thread-self")
    return time.thread_time() if found is None else found


def busy_seconds_of(pid: int) -> float:
    """As of a thread, of all threads of a process and of what descends from it, as far as they live.

    One that ends takes its seconds along: then it is less than before.
    """
    waiting, seconds = [pid], 0.0
    while waiting:
        place = _PROC / str(waiting.pop()) / "task"
        with contextlib.suppress(OSError):  # it has ended
            for thread in tuple(place.iterdir()):
                seconds += _schedstat(thread) or 0.0
                waiting += map(int, (thread / "children").read_text(encoding="ascii").split())
    return seconds


def _schedstat(place: Path) -> float | None:
    try:
        ran, waited, _ = (place / "schedstat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return (int(ran) + int(waited)) / _NANOSECONDS
