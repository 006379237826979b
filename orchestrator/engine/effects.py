"""What the machine wants done: carried out once the state it came with is durable, and again after a crash.

What a node makes many of are tuples, not dataclasses: they are built in a third of the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestrator.engine.model import Run, State
from orchestrator.engine.states import NodeState, TaskState


class ExecuteNode(NamedTuple):
    node: str
    run: str
    step: int
    inputs: Mapping[str, Any]


class PollNode(NamedTuple):
    node: str
    run: str
    step: int
    inputs: Mapping[str, Any]
    storage: Mapping[str, Any]


class DeliverCallback(NamedTuple):
    node: str
    run: str
    step: int
    inputs: Mapping[str, Any]
    storage: Mapping[str, Any]
    data: Any


class CancelNode(NamedTuple):
    """A run that its plugin works for is wanted no more: the plugin is to be told.

    Attributes:
        storage: what its last answered invocation kept; none when none was answered.
        busy: an invocation was under way: its answer may tell more of what there is to cancel.
    """

    node: str
    run: str
    storage: Mapping[str, Any] | None
    busy: bool


class SetTimer(NamedTuple):
    """Look at the run again at that time: the timer set last for a node counts."""

    node: str
    run: str
    at: float


class WaitingChanged(NamedTuple):
    """Something began to wait for a lock or an event, or a lock became free: whoever gives them should look."""

    node: str


@dataclass(frozen=True, slots=True)
class TaskEnded:
    status: TaskState


Invocation = ExecuteNode | PollNode | DeliverCallback
Effect = Invocation | CancelNode | SetTimer | WaitingChanged | TaskEnded


class TaskChange(NamedTuple):
    """History: the task took a state."""

    sequence: int
    at: float
    state: TaskState


class NodeChange(NamedTuple):
    """History: a node took a state."""

    sequence: int
    at: float
    node: str
    state: NodeState
    run: str
    attempt: int
    loop: int
    started: float
    finished: float | None
    error: str | None


class OperationDone(NamedTuple):
    """History: somebody asked for an operation and it was legal."""

    sequence: int
    at: float
    operation: str
    node: str | None
    actor: str


Change = TaskChange | NodeChange | OperationDone


@dataclass(frozen=True, slots=True)
class Settled:
    """A stored message has done its work, or never will: then ``reason`` says why."""

    message: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a batch of events led to.

    Attributes:
        state: the new state.
        runs: every run that changed, by id, as it is now.
        changes: new history entries, in order.
        effects: to be carried out, in order, once the rest is durable.
        settled: messages dealt with.
        durable: false when nothing worth keeping happened, but at most the time of a next poll moved.
    """

    state: State
    runs: Mapping[str, Run] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    settled: tuple[Settled, ...] = ()
    durable: bool = False
