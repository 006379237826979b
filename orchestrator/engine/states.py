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
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    POLLING = "POLLING"
    WAITING_CALLBACK = "WAITING_CALLBACK"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    NOT_TAKEN = "NOT_TAKEN"


ENDED = frozenset({TaskState.FINISHED, TaskState.REVOKED})
"""Task states that nothing leaves."""

WAITING = frozenset({NodeState.POLLING, NodeState.WAITING_CALLBACK})
LIVE = frozenset({NodeState.RUNNING}) | WAITING
"""Node states in which a run is under way."""
