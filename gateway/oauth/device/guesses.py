"""Slows down whoever tries codes of other people's devices (RFC 8628 §5.1), for each person in this process."""

from collections import OrderedDict, deque
from math import ceil
from typing import Final

from kernel.clock import Clock
from kernel.errors import TooManyRequests

_WRONG: Final = 10
_WINDOW_SECONDS: Final = 600.0
_REMEMBERED: Final = 10_000


class CodeGuesses:
    """After ten wrong codes in ten minutes a person has to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def require_patience(self, username: str) -> None:
        """Raises TooManyRequests, with Retry-After."""
        wrong = self._wrong.get(username)
        now = self._clock.now().timestamp()
        if wrong is None or len(wrong) < _WRONG or wrong[0] <= now - _WINDOW_SECONDS:
            return
        wait = max(1, ceil(wrong[0] + _WINDOW_SECONDS - now))
        said = f"Too many wrong codes; try again in {wait} s"
        raise TooManyRequests(said, headers={"Retry-After": str(wait)})

    def was_wrong(self, username: str) -> None:
        self._wrong.setdefault(username, deque(maxlen=_WRONG)).append(self._clock.now().timestamp())
        self._wrong.move_to_end(username)
        while len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)
