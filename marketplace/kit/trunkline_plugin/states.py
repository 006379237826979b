from enum import Enum


class State(Enum):
    """Where a run stands; the numbers are those of the wire. `EMPTY` is seen by the first call of `execute` only."""

    EMPTY = 1
    POLL = 2
    CALLBACK = 3
    SUCCESS = 4
    FAIL = 5


FINISHED = (State.SUCCESS, State.FAIL)
