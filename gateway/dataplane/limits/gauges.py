"""A concurrency limit, ready to be asked. Calls under way are counted in this process."""

from gateway.dataplane.call import Call
from gateway.dataplane.limits.meters import EVERYBODY, NOBODY
from gateway.policies.kinds.concurrency_limit import ConcurrencyLimit
from gateway.policies.kinds.placing import Placed

Underway = dict[str, int]


class UnderwayCounts:
    """Calls under way by place and caller; they outlive releases and snapshots."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, Underway] = {}

    def of(self, place: str) -> Underway:
        return self._places.setdefault(place, {})


class Gauge:
    """One policy where it stands."""

    __slots__ = ("_each", "_total", "place", "underway")

    def __init__(self, placed: Placed, policy: ConcurrencyLimit, counts: UnderwayCounts) -> None:
        self.place = str(placed)
        self.underway = counts.of(f"{placed.level}:{placed.place}")
        self._total = policy.total
        self._each = policy.per_app

    def limits(self, call: Call) -> list[tuple[str, int]]:
        """Under which names the call is counted, and how many may be under way of each."""
        found: list[tuple[str, int]] = []
        if self._total is not None:
            found.append((EVERYBODY, self._total))
        if self._each is not None:
            found.append((call.identity.app_code if call.identity is not None else NOBODY, self._each))
        return found


def leave(underway: Underway, caller: str) -> None:
    """A call is over."""
    left = underway[caller] - 1
    if left:
        underway[caller] = left
    else:
        del underway[caller]
