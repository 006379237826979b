"""When a message that did not arrive is sent again. Pure."""

from datetime import datetime, timedelta
from typing import Final

_SECONDS: Final = (5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400)
"""Between one attempt and the next: two days in all, and the last attempt is the tenth."""


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """After so many attempts that failed; `None` when that was the last."""
    return now + timedelta(seconds=_SECONDS[attempts - 1]) if attempts <= len(_SECONDS) else None
