"""Between the machine's values and the columns they are kept in; the same text on every database."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator.engine.effects import Change, NodeChange, TaskChange
from orchestrator.engine.model import Fork, Run, State, Token
from orchestrator.engine.states import LIVE, NodeState, TaskState

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str).encode


def dump(value: Any) -> str:
    """JSON that every database takes: NUL and half surrogates become U+FFFD, numbers that are none become null."""
    try:
        text = _encode(value)
        text.encode()
    except ValueError:
        return _encode(_clean(value))
    return _encode(_clean(value)) if "\\u0000" in text else text


def dump_or_none(value: Any | None) -> str | None:
    return None if value is None else dump(value)


def clean_text(text: str) -> str:
    """As ``dump`` cleans texts."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def to_time_or_none(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def iso_or_none(at: float | None) -> str | None:
    """RFC 3339 with Z, as the API writes times."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def dump_progress(state: State) -> str | None:
    """What of the state no node run holds; none when there is nothing."""
    kept: dict[str, Any] = {}
    if state.forks:
        kept["forks"] = {name: list(fork) for name, fork in state.forks.items()}
    if state.held:
        kept["held"] = state.held
    if state.paused:
        kept["paused"] = sorted(state.paused)
    if state.loops:
        kept["loops"] = state.loops
    if state.inputs is not None:
        kept["inputs"] = state.inputs
    return dump(kept) if kept else None


def describe(change: Change) -> tuple[str, str | None, str]:
    """A history entry as (kind, node id, data)."""
    if isinstance(change, NodeChange):
        data = {
            "node_id": change.node,
            "state": change.state,
            "attempt": change.attempt,
            "loop": change.loop,
            "started_at": iso_or_none(change.started),
            "finished_at": iso_or_none(change.finished),
            "error": change.error,
        }
        return "node", change.node, dump(data)
    if isinstance(change, TaskChange):
        return "task", None, dump({"state": change.state})
    return "operation", change.node, dump({"operation": change.operation, "actor": change.actor})


def restore(
    task_id: str,
    *,
    status: str,
    progress: Mapping[str, Any] | None,
    counter: int,
    sequence: int,
    started: float | None,
    finished: float | None,
    runs: list[Run],
) -> State:
    """The state as it was when last committed; ``runs`` in the order they began."""
    latest = {run.node: run for run in runs}
    outputs = {
        run.node: {"outputs": run.outputs or {}, "state": run.state.value, "loop": run.loop}
        for run in runs
        if run.state is NodeState.IGNORED or (run.state is NodeState.FINISHED and run.outputs is not None)
    }
    kept = progress or {}
    return State(
        task_id,
        TaskState(status),
        latest,
        frozenset(name for name, run in latest.items() if run.state in LIVE),
        frozenset(name for name, run in latest.items() if run.state is NodeState.FAILED),
        {name: Fork(*fork) for name, fork in kept.get("forks", {}).items()},
        tuple(Token(*token) for token in kept.get("held", ())),
        frozenset(kept.get("paused", ())),
        kept.get("loops", {}),
        (),
        outputs,
        counter,
        sequence,
        started,
        finished,
        kept.get("inputs"),
    )
