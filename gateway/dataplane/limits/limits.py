"""Admits calls, or refuses them: all limits of a call are looked at first, and counted only when all have room.

Without shared counters this happens within one turn of the event loop, so that N admits exactly N in a process, and
each of several processes admits its share. With shared counters the call waits for their answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from gateway.dataplane.call import Call
from gateway.dataplane.limits.admission import Admission, limit_headers
from gateway.dataplane.limits.gauges import Gauge, UnderwayCounts
from gateway.dataplane.limits.meters import Charge, Limit, Meter, WindowCounters
from gateway.dataplane.limits.shared_counts import CountsAway, SharedCounts
from gateway.policies.kinds.concurrency_limit import ConcurrencyLimit
from gateway.policies.kinds.placing import Effective, Placed
from gateway.policies.kinds.quota import Quota
from gateway.policies.kinds.rate_limit import RateLimit
from gateway.policies.states.shares import share_of
from gateway.snapshot.model.apps import AppShard
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.codes import CONCURRENCY_LIMITED, UNAVAILABLE
from gateway.wire.refusal import Refusal

KINDS: Final = frozenset({"rate-limit", "quota", "concurrency-limit"})


@dataclass(frozen=True, slots=True, eq=False)
class Governed:
    """The limits of a route, of all places where they stand, or those of an app."""

    meters: tuple[Meter, ...]
    gauges: tuple[Gauge, ...]


class Limits:
    """All counts of this process; belongs to one event loop.

    ``failures`` counts calls admitted and refused while the shared counters could not be reached.
    """

    __slots__ = ("_counters", "_shared", "_snapshots", "_underway", "failures")

    def __init__(self, snapshots: SnapshotHolder, shared: SharedCounts | None) -> None:
        self._snapshots = snapshots
        self._shared = shared
        self._counters = WindowCounters()
        self._underway = UnderwayCounts()
        self.failures = {"admitted": 0, "refused": 0}

    def governed(self, policies: Effective) -> Governed:
        """The limits among the policies, ready to be asked; the most general place is asked first."""
        ready = [
            self._ready(kind, placed) for kind in sorted(KINDS.intersection(policies)) for placed in policies[kind]
        ]
        return Governed(
            tuple(each for each in ready if isinstance(each, Meter)),
            tuple(each for each in ready if isinstance(each, Gauge)),
        )

    def _ready(self, kind: str, placed: Placed) -> Meter | Gauge:
        """One for all routes for which the policy holds."""
        found: Meter | Gauge | None = placed.planned.value
        if found is None:
            if isinstance(placed.config, ConcurrencyLimit):
                found = Gauge(placed, placed.config, self._underway)
            else:
                found = Meter(kind, placed, cast("RateLimit | Quota", placed.config), self._counters)
            placed.planned.value = found
        return found

    def of_app(self, app: AppShard) -> Governed:
        governed: Governed | None = app.planned.value
        if governed is None:
            governed = app.planned.value = self.governed(app.policies)
        return governed

    def admit(self, call: Call, *places: Governed) -> None:
        """Occupies and counts, or leaves the counting to ``settle``; raises Refusal."""
        admission = call.admission = Admission()  # from here on its end gives back what it occupies
        charges: Sequence[Charge] = ()
        for place in places:
            for gauge in place.gauges:
                self._occupy(gauge, call, admission)
            for meter in place.meters:
                more = meter.charges(call)
                charges = (*charges, *more) if charges else more
        if self._shared is not None:
            admission.pending = charges
        elif charges:
            self._count(charges, call.now, admission)

    async def settle(self, call: Call, admission: Admission) -> None:
        """Asks the shared counters; raises Refusal."""
        charges, admission.pending = admission.pending, ()
        if self._shared is None:
            return
        try:
            refused, used = await self._shared.take(charges, call.now)
        except CountsAway:
            self._fail(charges)
            return
        if refused is not None:
            raise _exceeded(charges[refused][0], call.now)
        room, tightest = min(
            ((limit.most - count, limit) for (limit, _), count in zip(charges, used, strict=True)),
            key=lambda each: each[0],
        )
        admission.tell(tightest, room, _reset(tightest, call.now))

    def _occupy(self, gauge: Gauge, call: Call, admission: Admission) -> None:
        for caller, most in gauge.limits(call):
            if gauge.underway.get(caller, 0) >= self._own(most):
                raise Refusal(CONCURRENCY_LIMITED, f"{most} at a time for {gauge.place}", ((b"retry-after", b"1"),))
            admission.occupy(gauge.underway, caller)

    def _count(self, charges: Sequence[Charge], now: float, admission: Admission) -> None:
        tightest = charges[0][0]
        least = tightest.most
        for limit, caller in charges:
            room = self._own(limit.most) - limit.counter.used(caller, now)
            if room <= 0:
                raise _exceeded(limit, now)
            if room < least:
                tightest, least = limit, room
        for limit, caller in charges:
            limit.counter.count(caller)
        admission.tell(tightest, least - 1, math.ceil(tightest.counter.ends_at - now))

    def _own(self, most: int) -> int:
        """What this process may admit by itself."""
        peers = self._snapshots.peers
        return most if peers.processes == 1 else share_of(most, peers.rank, peers.processes)

    def _fail(self, charges: Sequence[Charge]) -> None:
        if all(limit.admits_uncounted for limit, _ in charges):
            self.failures["admitted"] += 1
            return
        self.failures["refused"] += 1
        raise Refusal(UNAVAILABLE, "the counters of limits cannot be reached", ((b"retry-after", b"1"),))


def _exceeded(limit: Limit, now: float) -> Refusal:
    reset = _reset(limit, now)
    headers = (*limit_headers(limit, 0, reset), (b"retry-after", b"%d" % reset))
    return Refusal(limit.code, f"{limit.kind} {limit.most} of {limit.place} is used up for another {reset} s", headers)


def _reset(limit: Limit, now: float) -> int:
    return max(1, math.ceil(limit.window_of(now)[1] - now))
