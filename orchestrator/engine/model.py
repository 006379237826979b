"""The state of one task: small, immutable by convention (the machine works on copies of its mappings), JSON-able."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from orchestrator.engine.states import NodeState, TaskState

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Run(NamedTuple):
    """One attempt at a node. A tuple, not a dataclass: one is built on every transition.

    Attributes:
        node: its path: see `orchestrator.flow.paths`.
        id: the node run's id; ``<task>.<n>`` for the n-th run of the task, so a repeat after a crash has the same one.
        fork: run id of the parallel node whose branch this lies in, innermost; none outside of all.
        step: number of invocations asked for; an answer to an earlier one is stale.
        busy: an invocation is under way.
        due: when to look at it next, in seconds since the epoch: to poll, to retry, or because its time is up.
        callback: id of the callback being delivered.
        inputs: resolved inputs; none when they could not be resolved.
        attempt: n-th attempt since the node was last reached.
        loop: how often the node was reached; 0 before the first time.
        lock: key of the lock it waits for or holds; none once it is over.
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
    loop: int = 1
    lock: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it runs by what runs inside it: nothing was ever asked of a plugin for it."""
        return self.state is NodeState.RUNNING and not self.step


class Fork(NamedTuple):
    """A parallel node whose branches have not all come to the join."""

    parent: str | None
    expected: int
    arrived: int


class Token(NamedTuple):
    """Waits in front of a node.

    Attributes:
        node: its path.
        inputs: those a retry was asked with.
        retry: it makes the next attempt, in the same pass.
    """

    node: str
    fork: str | None
    inputs: Mapping[str, Any] | None = None
    retry: bool = False


class Callback(NamedTuple):
    """Received for a run and not yet delivered to its plugin; ``id`` names the stored message."""

    id: str
    run: str
    data: Any


class State(NamedTuple):
    """Everything the machine knows of a task. A tuple for the same reason as a run.

    Attributes:
        runs: node → its latest run; nodes not reached are absent.
        live: nodes whose latest run is under way by itself.
        open: subflows, loops and their items whose nodes run.
        failed: nodes whose latest run has failed.
        held: tokens that wait because the task is suspended.
        paused: nodes to be held when they are reached.
        loops: node → how often an edge led back to it since it was last reached from before.
        outputs: node → outputs, state and loop of its latest run that has any, as expressions see them.
        scoped: container → the same for the nodes inside it, by their local ids.
        inputs: the task's inputs since they were changed; none while they are those it was launched with.
        began: of the inputs it was started with, those that constants name which are worked out once; none while
            the inputs are still these.
        counter: runs begun so far.
        sequence: history entries so far.
    """

    task_id: str
    status: TaskState = TaskState.CREATED
    runs: Mapping[str, Run] = _NOTHING
    live: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    forks: Mapping[str, Fork] = _NOTHING
    held: tuple[Token, ...] = ()
    paused: frozenset[str] = frozenset()
    loops: Mapping[str, int] = _NOTHING
    callbacks: tuple[Callback, ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = _NOTHING
    scoped: Mapping[str, Mapping[str, Mapping[str, Any]]] = _NOTHING
    counter: int = 0
    sequence: int = 0
    started: float | None = None
    finished: float | None = None
    inputs: Mapping[str, Any] | None = None
    began: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions see besides node outputs; as the task was launched.

    Attributes:
        project: facts of it, and the variables of it that the task names.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] = field(default_factory=dict)
    project: Mapping[str, Any] = field(default_factory=dict)
