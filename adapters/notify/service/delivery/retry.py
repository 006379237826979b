"""When a delivery that was not taken is tried again."""

from datetime import timedelta
from typing import Final

_FIRST_SECONDS: Final = 10.0
_LONGEST_SECONDS: Final = 900.0


def pause(attempts: int, chance: float) -> timedelta:
    """10 s after the first attempt, twice as long after each further one, at most 15 minutes; of that a share by chance
    between half and all, so that what failed together does not come back together.

    Args:
        attempts: how many there were, at least one.
        chance: evenly drawn from 0 to 1.
    """
    longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(attempts - 1, 16))
    return timedelta(seconds=longest * (0.5 + chance / 2))
