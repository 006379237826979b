"""What a call was admitted by: what it occupies until its end, and what its caller is told."""

from collections.abc import Sequence

from gateway.dataplane.answer import Answer
from gateway.dataplane.limits.gauges import Underway, leave
from gateway.dataplane.limits.meters import Charge, Limit

Headers = list[tuple[bytes, bytes]]


class Admission:
    """``pending`` is what the shared counters are still to be asked."""

    __slots__ = ("_occupied", "_told", "pending")

    def __init__(self) -> None:
        self.pending: Sequence[Charge] = ()
        self._occupied: list[tuple[Underway, str]] = []
        self._told: Headers = []

    def occupy(self, underway: Underway, caller: str) -> None:
        """Counts the call among those under way, until it is over."""
        underway[caller] = underway.get(caller, 0) + 1
        self._occupied.append((underway, caller))

    def tell(self, limit: Limit, remaining: int, reset: int) -> None:
        """``reset``: seconds until the window ends."""
        self._told = limit_headers(limit, remaining, reset)

    def answer(self, answer: Answer) -> None:
        """Tells the caller how much room is left; a refusal tells its own reason."""
        if answer.refusal is None:
            answer.headers += self._told

    def end(self) -> None:
        """The call is over; harmless when told again."""
        occupied, self._occupied = self._occupied, []
        for underway, caller in occupied:
            leave(underway, caller)


def limit_headers(limit: Limit, remaining: int, reset: int) -> Headers:
    return [
        (b"x-bkapi-ratelimit-limit", b"%d" % limit.most),
        (b"x-bkapi-ratelimit-remaining", b"%d" % remaining),
        (b"x-bkapi-ratelimit-reset", b"%d" % reset),
        (b"x-bkapi-ratelimit-plugin", limit.kind.encode()),
    ]
