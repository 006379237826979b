"""What a call was admitted by: what it occupies until its end, and what its caller is told."""

from collections.abc import Sequence

from gateway.dataplane.answer import Answer
from gateway.dataplane.limits.gauges import Underway, leave
from gateway.dataplane.limits.meters import Charge, Limit

Headers = list[tuple[bytes, bytes]]


class Admission:
    """``pending`` is what the shared counters are still to be asked."""

    __slots__ = ("_limit", "_occupied", "_reset", "_room", "pending")

    def __init__(self) -> None:
        self.pending: Sequence[Charge] = ()
        self._occupied: Sequence[tuple[Underway, str]] = ()
        self._limit: Limit | None = None
        self._room = self._reset = 0

    def occupy(self, underway: Underway, caller: str) -> None:
        """Counts the call among those under way, until it is over."""
        underway[caller] = underway.get(caller, 0) + 1
        self._occupied = (*self._occupied, (underway, caller))

    def tell(self, limit: Limit, room: int, reset: int) -> None:
        """``room``: calls left; ``reset``: seconds until the window ends."""
        self._limit = limit
        self._room = room
        self._reset = reset

    def answer(self, answer: Answer) -> None:
        """Tells the caller how much room is left; a refusal tells its own reason."""
        if self._limit is not None and answer.refusal is None:
            answer.headers += limit_headers(self._limit, self._room, self._reset)

    def end(self) -> None:
        """The call is over; harmless when told again."""
        occupied, self._occupied = self._occupied, ()
        for underway, caller in occupied:
            leave(underway, caller)


def limit_headers(limit: Limit, room: int, reset: int) -> Headers:
    return [
        *limit.headers,
        (b"x-bkapi-ratelimit-remaining", b"%d" % room),
        (b"x-bkapi-ratelimit-reset", b"%d" % reset),
    ]
