"""A rate limit or quota, ready to be asked: which limits count a call, and under which name it is counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.dataplane.call import Call
from gateway.policies.kinds.placing import Placed
from gateway.policies.kinds.policy import Level
from gateway.policies.kinds.quota import Allowance, Quota
from gateway.policies.kinds.rate_limit import DEFAULT, Rate, RateLimit
from gateway.policies.states.windows import WindowCounter, WindowOf, every, month_of, week_of
from gateway.wire.codes import CALLER_LIMITED, COMPONENT_LIMITED, TOTAL_LIMITED, Code

EVERYBODY: Final = "*"
"""Under which all callers together are counted."""
NOBODY: Final = "-"
"""Under which callers without an app are counted."""

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """``most`` calls of a caller in a window.

    ``name`` and the window's beginning tell it from every other, on all machines. ``counter`` counts in this process.
    ``place`` is where it stands, as a caller is told; ``headers`` are those of an answer that are always the same.
    """

    name: str
    kind: str
    place: str
    most: int
    window_of: WindowOf
    counter: WindowCounter
    code: Code
    admits_uncounted: bool
    headers: tuple[tuple[bytes, bytes], ...]


Charge = tuple[Limit, str]
"""A limit, and the caller that is counted."""


class WindowCounters:
    """The counters of this process; they outlive releases and snapshots."""

    __slots__ = ("_counters",)

    def __init__(self) -> None:
        self._counters: dict[str, WindowCounter] = {}

    def of(self, name: str, window_of: WindowOf) -> WindowCounter:
        counter = self._counters.get(name)
        if counter is None:
            counter = self._counters[name] = WindowCounter(window_of)
        return counter


class Meter:
    """One policy where it stands. What it counts an app by is found once for each app."""

    __slots__ = ("_by_app", "_counters", "_each", "_kind", "_per", "_placed", "_policy", "_total")

    def __init__(self, kind: str, placed: Placed, policy: RateLimit | Quota, counters: WindowCounters) -> None:
        self._kind = kind
        self._placed = placed
        self._policy = policy
        self._counters = counters
        self._per = policy.per
        self._each = policy.rates if isinstance(policy, RateLimit) else policy.allowances
        self._total = tuple(
            (limit, EVERYBODY) for limit in self._limits(policy.total, "total", self._code(TOTAL_LIMITED))
        )
        self._by_app: dict[str, tuple[Charge, ...]] = {}

    def charges(self, call: Call) -> Sequence[Charge]:
        """What admitting the call would be counted by."""
        identity = call.identity
        app = identity.app_code if identity is not None else NOBODY
        charges = self._by_app.get(app)
        if charges is None:
            charges = self._charges_of(app)
        if self._per == "app":
            return charges
        if self._per == "address":
            caller = call.peer
        else:
            caller = f"{app}/{identity.user or NOBODY}" if identity is not None else NOBODY
        return [(limit, EVERYBODY if who == EVERYBODY else caller) for limit, who in charges]

    def _charges_of(self, app: str) -> tuple[Charge, ...]:
        """Apps are those of the snapshot, so what is remembered is bounded as they are."""
        wanted = self._each.get(app) or self._each.get(DEFAULT) or ()
        limits = self._limits(wanted, "each", self._code(CALLER_LIMITED))
        charges = self._by_app[app] = (*((limit, app) for limit in limits), *self._total)
        return charges

    def _code(self, general: Code) -> Code:
        return COMPONENT_LIMITED if self._placed.level is Level.COMPONENT else general

    def _limits(self, wanted: Iterable[Rate | Allowance], scope: str, code: Code) -> Iterable[Limit]:
        placed = self._placed
        for each in wanted:
            most = each.tokens if isinstance(each, Rate) else each.calls
            window_of = _window_of(each.period)
            name = f"{placed.level}:{placed.place}:{self._kind}:{self._per}:{scope}:{each.period}"
            yield Limit(
                name=name,
                kind=self._kind,
                place=str(placed),
                most=most,
                window_of=window_of,
                counter=self._counters.of(name, window_of),
                code=code,
                admits_uncounted=self._policy.on_failure == "admit",
                headers=(
                    (b"x-bkapi-ratelimit-limit", b"%d" % most),
                    (b"x-bkapi-ratelimit-plugin", self._kind.encode()),
                ),
            )


def _window_of(period: int | str) -> WindowOf:
    if isinstance(period, int):
        return every(period)
    return {"day": every(_DAY), "week": week_of, "month": month_of}[period]
