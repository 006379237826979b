from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds; and how much at once.

    Attributes:
        sweep: between two looks for work whose wake-up was lost.
        horizon: how far ahead a sweep looks for timers.
        overdue: after which another worker takes a timer that the one it falls to has not.
        lease: a worker that has not said for so long that it lives is taken for dead.
        beat: between two such signs of life.
        orphans: between two looks for tasks that are ours by their lease and nobody's in fact.
        busy: before a database that was away is asked again.
        unavailable_first, unavailable_longest: before a plugin that can't be reached is called again.
        avoid: before a task that broke its actor, or whose definition can't be read, is tried again.
        actors: tasks in memory.
        calls: plugins under way.
    """

    sweep: float = 0.5
    horizon: float = 5.0
    overdue: float = 1.0
    lease: float = 10.0
    beat: float = 2.0
    orphans: float = 5.0
    busy: float = 0.25
    unavailable_first: float = 0.2
    unavailable_longest: float = 15.0
    avoid: float = 15.0
    actors: int = 5000
    calls: int = 200
