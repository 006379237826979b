"""The state of one task: small, immutable by convention (the machine works on copies of its mappings), JSON-able."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestrator.engine.states import NodeState, TaskState


class Run(NamedTuple):
    """One attempt at a node. A tuple, not a dataclass: one is built on every transition.

    Attributes:
        id: the node run's id; ``<task>.<n>`` for the n-th run of the task, so a repeat after a crash has the same one.
        fork: run id of the parallel node whose branch this lies in, innermost; none outside of all.
        step: number of invocations asked for; an answer to an earlier one is stale.
        busy: an invocation is under way.
        due: when to poll next, in seconds since the epoch.
        callback: id of the callback being delivered.
        inputs: resolved inputs; none when they could not be resolved.
    """

    id: str
    node: str
    attempt: int
    state: NodeState
    fork: str | None
    started: float
    step: int = 0
    busy: bool = False
    due: float | None = None
    callback: str | None = None
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] | None = None
    storage: Mapping[str, Any] | None = None
    error: str | None = None
    finished: float | None = None


class Fork(NamedTuple):
    """A parallel node whose branches have not all come to the join."""

    parent: str | None
    expected: int
    arrived: int


class Token(NamedTuple):
    """Waits in front of a node. ``inputs`` are those a retry was asked with."""

    node: str
    fork: str | None
    inputs: Mapping[str, Any] | None = None


class Callback(NamedTuple):
    """Received for a run and not yet delivered to its plugin; ``id`` names the stored message."""

    id: str
    run: str
    data: Any


@dataclass(frozen=True, slots=True)
class State:
    """Everything the machine knows of a task.

    Attributes:
        runs: node → its latest run; nodes not reached are absent.
        live: nodes whose latest run is under way.
        failed: nodes whose latest run has failed.
        held: tokens that wait because the task is suspended.
        outputs: node → ``{"outputs": …}`` of its latest finished run, as expressions see it.
        counter: runs begun so far.
        sequence: history entries so far.
    """

    task_id: str
    status: TaskState = TaskState.CREATED
    runs: Mapping[str, Run] = field(default_factory=dict)
    live: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    forks: Mapping[str, Fork] = field(default_factory=dict)
    held: tuple[Token, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    counter: int = 0
    sequence: int = 0
    started: float | None = None
    finished: float | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions see besides node outputs; fixed for the life of a task."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] = field(default_factory=dict)
    project: Mapping[str, Any] = field(default_factory=dict)
