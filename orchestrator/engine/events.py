"""What can happen to a task. ``at`` is in seconds since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    FINISHED = "finished"
    FAILED = "failed"
    POLL = "poll"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class TaskStarted:
    at: float


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The answer to one invocation of a plugin.

    Attributes:
        step: the invocation it answers.
        poll_at: when to ask again; with CALLBACK the late poll that is the net, if any.
        answered: whether a failure is what the plugin said; else what it began may go on.
    """

    at: float
    node: str
    run: str
    step: int
    outcome: Outcome
    outputs: Mapping[str, Any] = field(default_factory=dict)
    storage: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    poll_at: float | None = None
    answered: bool = True


@dataclass(frozen=True, slots=True)
class TimerFired:
    at: float
    node: str
    run: str


@dataclass(frozen=True, slots=True)
class CallbackReceived:
    at: float
    message: str
    run: str
    data: Any


@dataclass(frozen=True, slots=True)
class LockGranted:
    """The run may begin: it holds its lock."""

    at: float
    message: str
    run: str


@dataclass(frozen=True, slots=True)
class PauseRequested:
    at: float
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    at: float
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeRequested:
    at: float
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RetryRequested:
    """``inputs`` replace the node's inputs of the same names, as values: ``${`` in them means nothing."""

    at: float
    node: str
    inputs: Mapping[str, Any] | None = None
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class SkipRequested:
    at: float
    node: str
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ForceFailRequested:
    """The attempt under way counts as failed; what its plugin says later is ignored."""

    at: float
    node: str
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ChooseRequested:
    """A person decides what a failed exclusive or inclusive node could not."""

    at: float
    node: str
    edges: tuple[str, ...]
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class PauseNodeRequested:
    """The node is to be held when it is reached."""

    at: float
    node: str
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ResumeNodeRequested:
    """The node is held no longer, or will not be."""

    at: float
    node: str
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeInputsRequested:
    """Nodes that begin from now on see these inputs of the task; all of them are given."""

    at: float
    inputs: Mapping[str, Any]
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class SignalRequested:
    """What a node that waits is sent."""

    at: float
    node: str
    data: Any
    actor: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class DecideRequested:
    """A person's answer to a node that asks.

    Attributes:
        data: the form, filled in.
        in_place_of: the approvers, where none of them can decide any more and somebody else does.
    """

    at: float
    node: str
    approved: bool
    comment: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
    message: str | None = None
    in_place_of: tuple[str, ...] = ()


TaskOperation = PauseRequested | ResumeRequested | RevokeRequested | ChangeInputsRequested
NodeOperation = (
    RetryRequested
    | SkipRequested
    | ForceFailRequested
    | ChooseRequested
    | PauseNodeRequested
    | ResumeNodeRequested
    | SignalRequested
    | DecideRequested
)
Operation = TaskOperation | NodeOperation
Event = TaskStarted | NodeResult | TimerFired | CallbackReceived | LockGranted | Operation
