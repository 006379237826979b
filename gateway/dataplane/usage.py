"""Which app called which component of which release: counted between two readings, kept by whoever reads."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsageCount:
    """Calls since the last reading. ``errors`` are those the gateway refused or that ended with a status from 500."""

    system: str
    stage: str
    release: str
    component: str
    app_code: str
    calls: int
    errors: int


class UsageBook:
    """Belongs to one event loop. Knows the usages with something to read, so an idle route costs nothing."""

    __slots__ = ("pending",)

    def __init__(self) -> None:
        self.pending: list[Usage] = []

    def take(self) -> list[UsageCount]:
        """What was counted since the last reading, each count once."""
        pending, self.pending = self.pending, []
        return [count for usage in pending for count in usage.take()]


class Usage:
    """The calls of one route of one release. It lives as long as the route's plan does, or until it was read."""

    __slots__ = ("_book", "_calls", "_errors", "place")

    def __init__(self, book: UsageBook, place: tuple[str, str, str, str]) -> None:
        self._book = book
        self._calls: dict[str, int] = {}
        self._errors: dict[str, int] = {}
        self.place = place

    def add(self, app_code: str, *, failed: bool) -> None:
        calls = self._calls
        if not calls:
            self._book.pending.append(self)
        calls[app_code] = calls.get(app_code, 0) + 1
        if failed:
            self._errors[app_code] = self._errors.get(app_code, 0) + 1

    def take(self) -> Iterator[UsageCount]:
        """The counts by app, which begin anew."""
        calls, errors = self._calls, self._errors
        self._calls, self._errors = {}, {}
        for app_code, number in calls.items():
            yield UsageCount(*self.place, app_code, number, errors.get(app_code, 0))
