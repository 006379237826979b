"""What an examination of the runtime's tables finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from orchestrator.engine.invariants import Invariant
from orchestrator.engine.model import Run

TAKEN_WITHIN: Final = timedelta(seconds=30)
"""Whatever is to be done and wakes nobody is found by a sweep within a second; no pause of a worker's is longer."""

MENDS: Final[Mapping[Invariant, str]] = {
    Invariant.STATE_FITS_NODES: "gives it the state its nodes are in; where they tell none, revokes it",
    Invariant.NODE_IN_FLOW: "ends the task as revoked: no worker could go on with it",
    Invariant.TOKEN_KEPT: "revokes the task: where it would go on isn't known. Run it again from a node",
    Invariant.CALL_MADE: "has a worker make the call again, under the same key",
    Invariant.WAIT_ENDS: "sets the time: a poll or an attempt at once, a timer or a limit when it was due",
    Invariant.DUE_ONLY_UNDER_WAY: "forgets the time",
    Invariant.NUMBERS_COVER_ROWS: "counts on from the highest number there is",
    Invariant.END_DATED: "dates the end, or takes the date from a task that goes on",
    Invariant.DEFINITION_READABLE: "ends the task as revoked: no worker could go on with it",
    Invariant.OWNER_ALIVE: "has a worker take it up",
    Invariant.START_TAKEN: "has a worker take it up",
    Invariant.TIMER_TAKEN: "has a worker take it up",
    Invariant.MESSAGE_TAKEN: "has a worker take it up",
    Invariant.MESSAGE_HAS_TASK: "settles the message",
    Invariant.CANCELLATION_TAKEN: "has its plugin told at once; gives it up where that was tried a hundred times",
}
"""What mending does about each."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant that a task breaks.

    Attributes:
        node_id: path of the node it is about; none when it is about the task.
        fence: of the task when it was seen: with another one it is another state.
    """

    invariant: Invariant
    task_id: str
    project_id: str
    node_id: str | None
    why: str
    fence: int

    @property
    def mend(self) -> str:
        return MENDS[self.invariant]


@dataclass(frozen=True, slots=True)
class Report:
    """Attributes:
    tasks: how many were looked at.
    workers: ids of those that live.
    """

    findings: Sequence[Finding]
    tasks: int
    workers: Sequence[str]


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task as its row has it."""

    id: str
    project_id: str
    definition_id: str
    state: str
    progress: Mapping[str, Any] | None
    counter: int
    sequence: int
    start_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    lease_owner: str | None
    fence: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A task with what belongs to it.

    Attributes:
        runs: in the order they began, without inputs and outputs.
        last_entry: sequence of the newest entry of its history.
        oldest_message: when the first message came that is not taken in yet.
        in_line: ids of runs that wait for their lock where whoever gives locks looks.
    """

    task: StoredTask
    runs: Sequence[Run] = ()
    last_entry: int = 0
    oldest_message: datetime | None = None
    in_line: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Moment:
    """Attributes:
    workers: id → until when it surely lives.
    """

    now: datetime
    workers: Mapping[str, datetime] = field(default_factory=dict)

    def is_alive(self, worker: str) -> bool:
        until = self.workers.get(worker)
        return until is not None and until > self.now
