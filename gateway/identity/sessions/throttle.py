"""Slows down guessing of passwords: counted per user name and address, in this process."""

from collections import OrderedDict, deque
from math import ceil

from kernel.clock import Clock
from kernel.errors import TooManyRequests

_FAILURES = 5
_WINDOW_SECONDS = 300.0
_REMEMBERED = 10_000


class SignInThrottle:
    """After 5 failures within 5 minutes, further attempts are refused until the oldest is 5 minutes old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def begin(self, username: str, ip: str) -> None:
        """Counts an attempt as failed until `succeeded` says otherwise, so that many at once count as many.

        Raises:
            TooManyRequests: with Retry-After, while too many have failed.
        """
        failures = self._recent((username, ip))
        if failures is not None and len(failures) >= _FAILURES:
            wait = max(1, ceil(failures[0] + _WINDOW_SECONDS - self._now()))
            raise TooManyRequests(
                f"Too many failed attempts; try again in {wait} seconds", headers={"Retry-After": str(wait)}
            )
        failures = self._failures.setdefault((username, ip), deque(maxlen=_FAILURES))
        self._failures.move_to_end((username, ip))
        failures.append(self._now())
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, username: str, ip: str) -> None:
        self._failures.pop((username, ip), None)

    def _recent(self, key: tuple[str, str]) -> deque[float] | None:
        failures = self._failures.get(key)
        if failures is None:
            return None
        while failures and failures[0] <= self._now() - _WINDOW_SECONDS:
            failures.popleft()
        return failures

    def _now(self) -> float:
        return self._clock.now().timestamp()
