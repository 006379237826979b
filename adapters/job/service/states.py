"""The numbers of BlueKing JOB (reference: jobv3 components)."""

from enum import IntEnum


class JobStatus(IntEnum):
    """Of an instance and of a step."""

    PENDING = 1
    RUNNING = 2
    SUCCESS = 3
    FAILED = 4
    SKIPPED = 5
    """A step that was terminated and passed over."""
    IGNORED = 6
    """A step whose failure was passed over."""
    WAITING = 7
    """For somebody's approval."""
    ABNORMAL = 9
    TERMINATING = 10
    TERMINATED = 11
    CONFIRMED = 13
    """An approval that was given."""
    ABANDONED = 14
    """An approval that was refused, and with it the job."""


FINISHED = frozenset(
    {JobStatus.SUCCESS, JobStatus.FAILED, JobStatus.ABNORMAL, JobStatus.TERMINATED, JobStatus.ABANDONED}
)
"""An instance that has ended."""
FINAL = frozenset({JobStatus.SUCCESS, JobStatus.ABANDONED})
"""An instance that has ended and is never begun again."""
PASSED = frozenset({JobStatus.SUCCESS, JobStatus.SKIPPED, JobStatus.IGNORED, JobStatus.CONFIRMED})
"""A step after which the next one begins."""


class HostStatus(IntEnum):
    NO_AGENT = 1
    WAITING = 5
    RUNNING = 7
    OK = 9
    FAILED = 11
    NOT_STARTED = 12
    KILLED = 403
    KILL_FAILED = 404


FAILED_HOSTS = frozenset(
    {HostStatus.NO_AGENT, HostStatus.FAILED, HostStatus.NOT_STARTED, HostStatus.KILLED, HostStatus.KILL_FAILED}
)


class HostError(IntEnum):
    """Why a host has no exit code, or another than its script gave; 0 when the script ended by itself."""

    NONE = 0
    UNREACHABLE = 1
    TIMEOUT = 2
    TERMINATED = 3
    LOST = 4
    NOT_STARTED = 5
    LOG_TOO_LONG = 6
    SIGNALLED = 7
    LOGIN_REFUSED = 8
    HOST_KEY = 9
    FILE = 10


class Operation(IntEnum):
    TERMINATE = 1


class StepType(IntEnum):
    SCRIPT = 1
    FILE = 2
    APPROVAL = 3


class JobType(IntEnum):
    PLAN = 0
    SCRIPT = 1
    FILE = 2


class FileStatus(IntEnum):
    """Of one file on its way up from a source or down to a target."""

    OK = 4
    FAILED = 5
