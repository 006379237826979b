"""A circuit breaker: closed while calls succeed, open after too many failures, half-open to try again."""

from collections import deque
from enum import StrEnum

from gateway.policies.kinds.circuit_breaker import CircuitBreaker

_SLICES = 10


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitOpen(Exception):
    """The call must not be made.

    Attributes:
        retry_after: seconds until a trial may pass.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"open for another {retry_after:.1f} s")
        self.retry_after = retry_after


class Breaker:
    """Ask `admit` before a call, and tell its end by the ticket it gave: `succeeded`, `failed` or `abandoned`.

    Calls that began before the state changed don't count in the new one. Times are seconds of any steady clock.
    Belongs to one event loop.
    """

    __slots__ = (
        "_open_for", "_opened_until", "_slices", "_successes", "_ticket", "_trials", "config", "state",
    )  # fmt: skip

    def __init__(self, config: CircuitBreaker) -> None:
        self.config = config
        self.state = BreakerState.CLOSED
        self._ticket = 0
        self._slices: deque[list[float]] = deque()  # begin, calls, failures
        self._open_for = self._shortest
        self._opened_until = 0.0
        self._trials = 0
        self._successes = 0

    @property
    def _shortest(self) -> float:
        return min(self.config.open_seconds, self.config.max_open_seconds)

    def admit(self, now: float) -> int:
        """A ticket for one call; raises CircuitOpen."""
        if self.state is BreakerState.CLOSED:
            return self._ticket
        if self.state is BreakerState.OPEN:
            if now < self._opened_until:
                raise CircuitOpen(self._opened_until - now)
            self._enter(BreakerState.HALF_OPEN)
        if self._trials >= self.config.trial_calls:
            raise CircuitOpen(1.0)
        self._trials += 1
        return self._ticket

    def succeeded(self, ticket: int, now: float) -> None:
        if ticket != self._ticket:
            return
        if self.state is BreakerState.CLOSED:
            self._slice(now)[1] += 1
            return
        self._trials -= 1
        self._successes += 1
        if self._successes >= self.config.trial_calls:
            self._open_for = self._shortest
            self._enter(BreakerState.CLOSED)

    def failed(self, ticket: int, now: float) -> None:
        if ticket != self._ticket:
            return
        if self.state is BreakerState.HALF_OPEN:
            self._open_for = min(self._open_for * 2, self.config.max_open_seconds)
            self._open(now)
            return
        current = self._slice(now)
        current[1] += 1
        current[2] += 1
        calls = sum(each[1] for each in self._slices)
        failures = sum(each[2] for each in self._slices)
        if failures >= self.config.failures and failures >= self.config.ratio * calls:
            self._open(now)

    def abandoned(self, ticket: int) -> None:
        """The call ended without telling anything about the upstream: its client went away."""
        if ticket == self._ticket and self.state is BreakerState.HALF_OPEN:
            self._trials -= 1

    def _open(self, now: float) -> None:
        self._enter(BreakerState.OPEN)
        self._opened_until = now + self._open_for

    def _enter(self, state: BreakerState) -> None:
        self.state = state
        self._ticket += 1
        self._slices.clear()
        self._trials = self._successes = 0

    def _slice(self, now: float) -> list[float]:
        """The counts of the present tenth of the window; older ones than the window are forgotten."""
        slices, window = self._slices, self.config.window
        while slices and slices[0][0] <= now - window:
            slices.popleft()
        if not slices or slices[-1][0] <= now - window / _SLICES:
            slices.append([now, 0, 0])
        return slices[-1]
