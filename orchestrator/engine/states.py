from enum import StrEnum


class TaskState(StrEnum):
    """SUSPENDED and REVOKED tell what was asked: nodes under way then still finish, no further one begins."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"
    FAILED = "FAILED"
    FINISHED = "FINISHED"
    REVOKED = "REVOKED"


class NodeState(StrEnum):
    """States of a node that need a word.

    WAITING_CALLBACK: a plugin was called, and its system will call back. WAITING_TIMER, WAITING_EVENT,
    WAITING_DECISION: the flow itself waits, for a moment, for something sent to it, for a person. WAITING_LOCK: others
    hold what it needs for itself. RETRYING: failed, and
    tried again by itself when its time has come. SUSPENDED: reached, and held where somebody asked for it. IGNORED:
    failed, and the flow went on as it says. REVOKED: ended with its task, before its own end.
    """

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    POLLING = "POLLING"
    WAITING_CALLBACK = "WAITING_CALLBACK"
    WAITING_TIMER = "WAITING_TIMER"
    WAITING_EVENT = "WAITING_EVENT"
    WAITING_DECISION = "WAITING_DECISION"
    WAITING_LOCK = "WAITING_LOCK"
    RETRYING = "RETRYING"
    SUSPENDED = "SUSPENDED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    IGNORED = "IGNORED"
    SKIPPED = "SKIPPED"
    NOT_TAKEN = "NOT_TAKEN"
    REVOKED = "REVOKED"


ENDED = frozenset({TaskState.FINISHED, TaskState.REVOKED})
"""Task states that nothing leaves."""

WAITING = frozenset({NodeState.POLLING, NodeState.WAITING_CALLBACK})
CALLED = frozenset({NodeState.RUNNING}) | WAITING
"""Node states in which a plugin was called and has not come to its end."""
RESTING = frozenset(
    {
        NodeState.WAITING_TIMER,
        NodeState.WAITING_EVENT,
        NodeState.WAITING_DECISION,
        NodeState.WAITING_LOCK,
        NodeState.RETRYING,
        NodeState.SUSPENDED,
    }
)
"""Node states in which nothing outside works for the run: it ends at once when its task is revoked."""
LIVE = CALLED | RESTING
"""Node states in which a run is under way."""
HOLDING = LIVE - {NodeState.RETRYING}
"""Node states in which a run holds its lock, or waits for it; between two attempts others have their turn."""
KEEPING = frozenset({NodeState.FINISHED, NodeState.IGNORED})
"""Node states whose outputs expressions see."""
