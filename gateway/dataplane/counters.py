"""Plain counts, read now and then by whoever exports them."""

from dataclasses import dataclass

from gateway.dataplane.usage import Usage, UsageBook


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


class Counters:
    """Belongs to one event loop; nothing here waits or locks."""

    __slots__ = ("_routes", "usage")

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str, str, bool], RouteCounters] = {}
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

    def snapshot(self) -> list[RouteCounts]:
        return [
            RouteCounts(*key, dict(counters.statuses), dict(counters.refused), counters.seconds)
            for key, counters in self._routes.items()
        ]
