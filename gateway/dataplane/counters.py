"""Plain counts and a bounded ring of recent calls; read now and then by whoever exports them."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.dataplane.usage import Usage, UsageBook

RING = 2000


class RouteCounters:
    """Counts of one component on one stage. ``statuses`` maps HTTP status to calls."""

    __slots__ = ("refused", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.refused: dict[int, int] = {}
        self.seconds = 0.0


@dataclass(frozen=True, slots=True)
class RouteCounts:
    """Since start. ``statuses`` by HTTP status answered, ``refused`` by the gateway's own error code.

    ``canary`` tells the calls that a release on trial answered from the others.
    """

    system: str
    stage: str
    component: str
    canary: bool
    statuses: dict[int, int]
    refused: dict[int, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One finished call. ``code`` is the gateway's own error code, 0 when the upstream answered."""

    at: float
    request_id: str
    app_code: str
    user: str
    system: str
    stage: str
    component: str
    method: str
    status: int
    code: int
    seconds: float


class Counters:
    """Belongs to one event loop; nothing here waits or locks."""

    __slots__ = ("_ring", "_routes", "in_flight", "usage")

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str, str, bool], RouteCounters] = {}
        self._ring: deque[tuple[float, str, str, str, tuple[str, str, str], str, int, int, float]] = deque(maxlen=RING)
        self.in_flight = 0
        self.usage = UsageBook()

    def of(self, system: str, stage: str, component: str, *, canary: bool = False) -> RouteCounters:
        """The counters of a component; they outlive releases and snapshots."""
        key = (system, stage, component, canary)
        counters = self._routes.get(key)
        if counters is None:
            counters = self._routes[key] = RouteCounters()
        return counters

    def usage_of(self, system: str, stage: str, release: str, component: str) -> Usage:
        """A new count of a route's calls by app."""
        return Usage(self.usage, (system, stage, release, component))

    def record(
        self, at: float, request_id: str, app: str, user: str, key: tuple[str, str, str], method: str, status: int,
        code: int, seconds: float,
    ) -> None:  # fmt: skip
        self._ring.append((at, request_id, app, user, key, method, status, code, seconds))

    def snapshot(self) -> list[RouteCounts]:
        return [
            RouteCounts(*key, dict(counters.statuses), dict(counters.refused), counters.seconds)
            for key, counters in self._routes.items()
        ]

    def recent(self) -> Iterable[AccessRecord]:
        """The last calls, oldest first."""
        for at, request_id, app, user, key, method, status, code, seconds in tuple(self._ring):
            yield AccessRecord(at, request_id, app, user, *key, method, status, code, seconds)
