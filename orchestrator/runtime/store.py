"""What the runtime keeps tasks in. It commits for itself: every method is one durable transaction.

Durability: SQLite runs in WAL with ``synchronous=FULL``, PostgreSQL with ``synchronous_commit=on``. What a method has
answered survives ``kill -9`` and the loss of power. ``synchronous=NORMAL`` would survive the first only, and a call
that went out before the power failed would be repeated under a key nobody remembers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from kernel.contracts.plugin_invoker import CallRecord
from orchestrator.engine.effects import Change, Settled
from orchestrator.engine.model import Run, State

NOBODY = "nobody"
"""The owner of a task that has something to do and that its last owner left alone; no worker has this id."""


class StoreBusy(Exception):
    """The database cannot be reached or is locked for the moment; the same call may be made again."""


class Cancellation(NamedTuple):
    """A node run whose plugin is to be told that it is wanted no more.

    Attributes:
        at: since when.
        due: when to tell it; none when nothing of it is under way any more.
        storage: see `orchestrator.engine.effects.CancelNode`.
    """

    run: str
    node: str
    at: float
    due: float | None
    storage: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class TaskWrite:
    """The transitions of one task since its last commit: all of it becomes durable, or nothing.

    Attributes:
        same_row: since that commit nothing has changed of the task itself, but its numbers.
        release: the task is given back.
    """

    fence: int
    state: State
    runs: Sequence[Run]
    changes: Sequence[Change] = ()
    settled: Sequence[Settled] = ()
    calls: Sequence[tuple[str, float, CallRecord]] = ()
    log: Sequence[tuple[str, float, str]] = ()
    outputs: Mapping[str, Any] | None = None
    release: bool = False
    cancellations: Sequence[Cancellation] = ()
    same_row: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message not settled yet."""

    id: str
    task_id: str
    kind: str
    node_id: str | None
    run_id: str | None
    data: Any
    actor: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that now belongs to the worker. ``state`` is none when the caller's own copy is still the newest.

    ``start_at``: when it may begin, in seconds since the epoch; none while nobody has asked for that.
    """

    task_id: str
    fence: int
    state: State | None
    definition_id: str
    project_id: str
    project_code: str
    name: str
    created_by: str
    inputs: Mapping[str, Any]
    scopes: frozenset[str]
    start_at: float | None
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Found:
    """What a sweep found.

    Attributes:
        now: tasks with something to do that nobody alive does: not begun, open messages, an owner that died.
        timers: tasks without an owner, and when one of their nodes is to be polled.
    """

    now: Sequence[str] = ()
    timers: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, slots=True)
class WorkerRow:
    id: str
    host: str
    lock_file: str
    alive_until: datetime = field(compare=False)


class Store(Protocol):
    """Times are aware datetimes in UTC."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        """Writes what still belongs to its fence; answers the ids of those tasks. The others changed nothing."""
        ...

    async def claim(
        self, worker: str, tasks: Sequence[str], known: Mapping[str, int], now: datetime
    ) -> Sequence[Claimed]:
        """Takes over those of ``tasks`` that no living worker owns.

        Args:
            known: task → fence of the caller's own last copy of its state.
        """
        ...

    async def disown(self, worker: str, task: str) -> None:
        """Leaves a task of the worker's to whoever finds it; a release would say that nothing is to be done."""
        ...

    async def messages(self, tasks: Sequence[str]) -> Sequence[Message]:
        """Open messages of ``tasks``, oldest first."""
        ...

    async def definition(self, definition_id: str) -> Mapping[str, Any] | None: ...

    async def sweep(self, worker: str, now: datetime, until: datetime, limit: int) -> Found:
        """Work nobody alive does; timers that are due before ``until``."""
        ...

    async def owned(self, worker: str) -> Sequence[str]:
        """Tasks whose lease is the worker's."""
        ...

    async def beat(self, worker: WorkerRow, now: datetime) -> None:
        """Says that the worker lives until ``worker.alive_until``."""
        ...

    async def workers(self) -> Sequence[WorkerRow]: ...

    async def forget_worker(self, worker: str) -> None:
        """Ends a worker's leases: a sweep finds its tasks as those of nobody alive."""
        ...
