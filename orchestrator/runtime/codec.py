"""Between the machine's values and the columns they are kept in; the same text on every database."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator.engine import loops
from orchestrator.engine.effects import Change, NodeChange, TaskChange
from orchestrator.engine.model import Fork, Run, State, Token
from orchestrator.engine.states import KEEPING, LIVE, NodeState, TaskState
from orchestrator.flow.paths import ancestors, local, present, scope_of

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


def _iso(at: datetime) -> str:
    """RFC 3339 with Z."""
    return at.isoformat().replace("+00:00", "Z")


def same_row(before: State, after: State) -> bool:
    """Whether the task's own row says the same of both, but for the numbers."""
    return (
        before.status is after.status
        and before.started == after.started
        and before.finished == after.finished
        and before.forks == after.forks
        and before.held == after.held
        and before.paused == after.paused
        and before.loops == after.loops
        and before.inputs is after.inputs
    )


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
    if state.began is not None:
        kept["began"] = state.began
    return dump(kept) if kept else None


def describe(change: Change) -> tuple[str, str | None, str]:
    """A history entry as (kind, node id, data)."""
    if isinstance(change, NodeChange):
        started, finished = to_time(change.started), to_time_or_none(change.finished)
        data = node_data(change.node, change.state, change.attempt, change.loop, started, finished, change.error)
        return "node", change.node, dump(data)
    if isinstance(change, TaskChange):
        return "task", None, dump({"state": change.state})
    return "operation", change.node, dump({"operation": change.operation, "actor": change.actor})


def node_data(
    node: str,
    state: str,
    attempt: int,
    loop: int,
    started: datetime,
    finished: datetime | None,
    error: str | None = None,
) -> dict[str, Any]:
    """What the history says of a node that took a state; times as the API writes them."""
    return {
        "node_id": node,
        "state": state,
        "attempt": attempt,
        "loop": loop,
        "started_at": _iso(started),
        "finished_at": None if finished is None else _iso(finished),
        "error": error,
    }


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
    runs = present(runs, lambda run: run.node)
    latest = {run.node: run for run in runs}
    opened = frozenset(name for name, run in latest.items() if run.is_open)
    counting = {name: run for name, run in latest.items() if opened.issuperset(ancestors(name))}
    kept = progress or {}
    held = tuple(Token(*token) for token in kept.get("held", ()))
    return State(
        task_id,
        TaskState(status),
        latest | loops.counted(latest, held),
        live=frozenset(name for name, run in counting.items() if run.state in LIVE and not run.is_open),
        open=opened,
        failed=frozenset(name for name, run in counting.items() if run.state is NodeState.FAILED),
        forks={name: Fork(*fork) for name, fork in kept.get("forks", {}).items()},
        held=held,
        paused=frozenset(kept.get("paused", ())),
        loops=kept.get("loops", {}),
        outputs=_seen(runs, lambda run: "." not in run.node),
        scoped=_scoped(runs),
        counter=counter,
        sequence=sequence,
        started=started,
        finished=finished,
        inputs=kept.get("inputs"),
        began=kept.get("began"),
    )


def _scoped(runs: list[Run]) -> dict[str, dict[str, Any]]:
    """Container → what its nodes left, by their local ids."""
    inner: dict[str, list[Run]] = {}
    for run in runs:
        if "." in run.node:
            inner.setdefault(scope_of(run.node), []).append(run)
    found = {scope: _seen(of_scope, lambda _run: True) for scope, of_scope in inner.items()}
    return {scope: nodes for scope, nodes in found.items() if nodes}


def _seen(runs: list[Run], wanted: Callable[[Run], bool]) -> dict[str, Any]:
    """What expressions see of the runs that left outputs."""
    return {
        local(run.node): {"outputs": run.outputs or {}, "state": run.state.value, "loop": run.loop}
        for run in runs
        if run.state in KEEPING and (run.outputs is not None or run.state is NodeState.IGNORED)
        if wanted(run) and not run.node.endswith("]")
    }
