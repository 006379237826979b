"""What becomes of a start while a task of the same schedule still goes on. Pure."""

from enum import Enum, StrEnum, auto
from typing import Final

MOST_QUEUED: Final = 10


class Overlap(StrEnum):
    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"


class Way(Enum):
    START = auto()
    SKIP = auto()
    WAIT = auto()
    REPLACE = auto()


def way_of(overlap: Overlap, under_way: int, queued: int) -> Way:
    """Args:
    under_way: tasks of the schedule that go on.
    queued: starts that wait already; who comes now stands behind them.
    """
    match overlap:
        case Overlap.SKIP if under_way:
            return Way.SKIP
        case Overlap.REPLACE if under_way:
            return Way.REPLACE
        case Overlap.QUEUE if under_way or queued:
            return Way.WAIT if queued < MOST_QUEUED else Way.SKIP
        case _:
            return Way.START
