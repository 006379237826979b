"""A run that did not end with its first call."""

from dataclasses import dataclass, field
from typing import Any

from trunkline_plugin.states import State


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a run.

    Attributes:
        inputs: as they were given.
        context: as it was given.
        created_at: seconds since 1970, as all times here.
        due_at: when to poll next; None where nothing is to be polled.
        tells_end: whether whoever asked to be told of the end is still to be told.
    """

    trace_id: str
    version: str
    state: State
    invoke_count: int
    inputs: dict[str, Any]
    context: dict[str, Any]
    storage: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    err: str = ""
    created_at: float = 0
    finished_at: float | None = None
    due_at: float | None = None
    tells_end: bool = False


@dataclass(frozen=True, slots=True)
class KeptCallback:
    """A callback that came and has not been worked off."""

    number: int
    trace_id: str
    callback_id: str
    data: Any
