"""The guards of all routes, and what they share: a fleet for an upstream, a breaker for where its policy stands."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.dataplane.upstream.fleet import Fleet
from gateway.dataplane.upstream.guard import Guard
from gateway.dataplane.upstream.health import HealthChecks
from gateway.dataplane.upstream.signers import Signer
from gateway.policies.kinds.circuit_breaker import CircuitBreaker
from gateway.policies.kinds.placing import most_specific
from gateway.policies.kinds.retry import Retry
from gateway.policies.states.breaker import Breaker
from gateway.snapshot.model.routes import Route


@dataclass(frozen=True, slots=True)
class ServerState:
    """``is_up`` is False while the server gets no calls, unless all are down."""

    system: str
    stage: str
    upstream: str
    server: str
    is_up: bool
    in_flight: int


class Guards:
    """Fleets and breakers outlive snapshots. Belongs to one event loop."""

    __slots__ = ("_breakers", "_checks", "_clock", "_fleets")

    def __init__(self, checks: HealthChecks, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._checks = checks
        self._fleets: dict[tuple[str, str, str], Fleet] = {}
        self._breakers: dict[str, Breaker] = {}

    def states(self) -> list[ServerState]:
        """Of the servers of all upstreams that have several, for whoever exports them; forgets those that are gone."""
        self._fleets = {place: fleet for place, fleet in self._fleets.items() if self._checks.is_served(place, fleet)}
        now = self._clock()
        return [
            ServerState(*place, server.origin_text, server.is_up(now), server.in_flight)
            for place, fleet in self._fleets.items()
            for server in fleet.servers
        ]

    def of(self, route: Route, signer: Signer | None) -> Guard | None:
        """None where there is nothing to guard."""
        retry = most_specific(route.policies, "retry")
        breaker = self._breaker(route)
        fleet = self._fleet(route) if len(route.upstream.targets) > 1 else None
        if fleet is None and retry is None and breaker is None:
            return None
        config = retry.config if retry is not None and isinstance(retry.config, Retry) else None
        return Guard(fleet, config, breaker, signer, self._clock)

    def _fleet(self, route: Route) -> Fleet:
        upstream = route.upstream
        place = (route.settings.system, route.settings.stage, upstream.name)
        fleet = self._fleets.get(place)
        if fleet is None or fleet.upstream != upstream:
            known = {server.origin: server for server in fleet.servers} if fleet is not None else {}
            fleet = self._fleets[place] = Fleet(upstream, known)
            self._checks.watch(place, fleet)
        return fleet

    def _breaker(self, route: Route) -> Breaker | None:
        placed = most_specific(route.policies, "circuit-breaker")
        if placed is None or not isinstance(placed.config, CircuitBreaker):
            return None
        breaker = self._breakers.get(placed.place)
        if breaker is None or breaker.config != placed.config:
            breaker = self._breakers[placed.place] = Breaker(placed.config)
        return breaker
