"""Time as a dependency, so that expiry and timers can be tested without waiting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only when told."""

    current: datetime

    def now(self) -> datetime:
        return self.current

    def advance(self, **delta: float) -> None:
        """Moves on by a ``timedelta`` given as keywords: ``clock.advance(days=180)``."""
        self.current += timedelta(**delta)


def utc_now() -> datetime:
    """For column defaults; services take a `Clock`."""
    return datetime.now(UTC)
