"""For how long an upstream keeps a connection that nobody uses: what it says, and what it was seen to do."""

import math
from typing import Final

_SECONDS_UNSEEN: Final = 0.5
_HEADWAY: Final = 1.0
_REMEMBERED: Final = 300.0


class Patience:
    """Of one origin. All figures are seconds; a connection's are without use, ``now`` is the event loop's.

    A request that must not be sent twice needs a connection that the upstream surely still keeps. At first that is
    one in use a moment ago. An upstream that was seen to keep one for longer has a longer patience: without that,
    calls that come together after a pause would each open a connection, which costs more than the call itself. Behind
    one address may be several, so one that ended a connection early counts for all of them for some minutes.
    """

    __slots__ = ("_ended", "_forgotten_at", "_kept", "idle")

    def __init__(self, idle: float) -> None:
        self.idle = idle
        self._kept = 0.0
        self._ended = math.inf
        self._forgotten_at = math.inf

    @property
    def is_sure_for(self) -> float:
        """A connection without use for longer may be closed by the upstream in the moment a request is sent."""
        return max(_SECONDS_UNSEEN, min(self._kept, self._ended, self.idle) - _HEADWAY)

    def told(self, value: bytes) -> None:
        """``Keep-Alive: timeout=5``: we close unused connections before (RFC 2068 §19.7.1.1)."""
        for parameter in value.split(b","):
            name, _, seconds = parameter.strip().partition(b"=")
            if name.lower() == b"timeout" and seconds.isdigit():
                self.idle = min(self.idle, max(0.0, int(seconds[:6]) - _HEADWAY))

    def saw_kept(self, seconds: float, now: float) -> None:
        """A connection was still there after so long."""
        self._kept = max(self._kept, seconds)
        if now >= self._forgotten_at:
            self._ended = self._forgotten_at = math.inf

    def saw_ended(self, seconds: float, now: float) -> None:
        """The upstream ended one after so long, or met a request by ending it."""
        self._ended = min(self._ended, seconds)
        self._forgotten_at = now + _REMEMBERED
