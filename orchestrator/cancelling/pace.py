from dataclasses import dataclass

_MAX_DOUBLINGS = 20
_SHARE_OF_ATTEMPT = 0.75


@dataclass(frozen=True, slots=True)
class CancelPace:
    """How often and how long, in seconds; and how much at once.

    Attributes:
        look: between two looks where nothing was heard: what another process asked for is found so.
        attempt: how long one takes at most. More than the slowest plugin takes to answer.
        first, longest: before a plugin that can't be reached is told again.
        give_up: after which it is told no more, if it was told `least` times: while no process ran, nobody did.
        at_once: plugins being told.
    """

    look: float = 5.0
    attempt: float = 200.0
    first: float = 1.0
    longest: float = 60.0
    give_up: float = 900.0
    least: int = 8
    at_once: int = 50

    @property
    def patience(self) -> float:
        """How much of an attempt a plugin has to answer: the rest is for writing what it said."""
        return self.attempt * _SHARE_OF_ATTEMPT

    @property
    def share(self) -> int:
        """How many plugins of one project are told at once, as of the engine's calls."""
        return max(1, self.at_once * 3 // 4)

    def pause(self, attempts: int) -> float:
        """Before the next attempt, longer each time."""
        return min(self.first * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS), self.longest)
