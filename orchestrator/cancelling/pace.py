from dataclasses import dataclass

_MAX_DOUBLINGS = 20
_SHARE_OF_LEASE = 0.75


@dataclass(frozen=True, slots=True)
class CancelPace:
    """How often and how long, in seconds; and how much at once.

    Attributes:
        look: between two looks where nothing was heard: what another process asked for is found so.
        lease: how long one belongs to the process that makes it; after a crash it is made again then. More than the
            slowest plugin takes to answer.
        first, longest: before a plugin that can't be reached is told again.
        give_up: after which it is told no more.
        at_once: plugins being told.
    """

    look: float = 5.0
    lease: float = 200.0
    first: float = 1.0
    longest: float = 60.0
    give_up: float = 900.0
    at_once: int = 50

    @property
    def patience(self) -> float:
        """How much of its lease a plugin has to answer: the rest is for writing what it said."""
        return self.lease * _SHARE_OF_LEASE

    def pause(self, attempts: int) -> float:
        """Before the next attempt, longer each time."""
        return min(self.first * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS), self.longest)
