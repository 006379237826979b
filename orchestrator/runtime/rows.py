"""The rows a batch of writes becomes, column by column: the one description both databases' stores are written from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.contracts.plugin_invoker import CancelState
from orchestrator.engine.effects import Change
from orchestrator.engine.locks import is_granted
from orchestrator.engine.model import Run
from orchestrator.engine.states import NodeState
from orchestrator.runtime.codec import clean_text, describe, dump_or_none, dump_progress, to_time, to_time_or_none
from orchestrator.runtime.entries import Divided, divide
from orchestrator.runtime.store import TaskWrite

Row = tuple[Any, ...]

AWAITS_LOCK = "lock"
_NUMBER = 3
_ENTRIES = slice(-2, None)

TASK_COLUMNS = ("state", "sequence", "counter", "progress", "started_at", "finished_at", "outputs")
RUN_COLUMNS = (
    "id",
    "task_id",
    "node_id",
    "number",
    "attempt",
    "state",
    "fork",
    "step",
    "inputs",
    "outputs",
    "storage",
    "error",
    "started_at",
    "finished_at",
    "due_at",
    "loop",
    "lock_key",
    "awaits",
    "begun_entry",
    "finished_entry",
)
RUN_CHANGING = (
    "state",
    "step",
    "inputs",
    "outputs",
    "storage",
    "error",
    "started_at",
    "finished_at",
    "due_at",
    "lock_key",
    "awaits",
)
RUN_STAYING = ("begun_entry", "finished_entry")
"""Kept once they are there: a later write of the run says nothing of them."""
EVENT_COLUMNS = ("task_id", "sequence", "at", "kind", "node_id", "data")
CALL_COLUMNS = ("task_id", "run_id", "at", "idempotency_key", "component", "status", "request_id", "executor")
CANCELLATION_COLUMNS = ("run_id", "task_id", "node_id", "state", "asked_at", "due_at", "storage", "attempts", "reason")
LOG_COLUMNS = ("task_id", "run_id", "at", "message")


@dataclass(frozen=True, slots=True)
class TaskRows:
    """What one write becomes, beside the calls, lines and messages.

    Attributes:
        alone: the node runs say all there is: the task's own row may stay as it is.
        runs: values of ``RUN_COLUMNS``.
        events: values of ``EVENT_COLUMNS``.
    """

    write: TaskWrite
    alone: bool
    runs: Sequence[Row]
    events: Sequence[Row]


def task_rows(write: TaskWrite) -> TaskRows:
    """Entries of the history go where the node runs' rows tell them; where one has a row of its own, the task's tells
    the number, so that the highest there is stands in the task or in one of its node runs.
    """
    divided = divide(write.changes, {run.id: run for run in write.runs})
    events = list(_event_rows(write.state.task_id, divided.others))
    alone = bool(write.runs) and write.same_row and not events and not write.release
    return TaskRows(write, alone, list(_run_rows(write, divided)), events)


def task_row(write: TaskWrite) -> Row:
    """Values of ``TASK_COLUMNS``."""
    state = write.state
    return (
        state.status.value,
        state.sequence,
        state.counter,
        dump_progress(state),
        to_time_or_none(state.started),
        to_time_or_none(state.finished),
        dump_or_none(write.outputs),
    )


def _run_rows(write: TaskWrite, divided: Divided) -> Iterator[Row]:
    task_id = write.state.task_id
    for run in write.runs:
        yield (
            run.id,
            task_id,
            run.node,
            int(run.id.rpartition(".")[2]),
            run.attempt,
            run.state.value,
            run.fork,
            run.step,
            dump_or_none(run.inputs),
            dump_or_none(run.outputs),
            dump_or_none(run.storage),
            None if run.error is None else clean_text(run.error),
            to_time(run.started),
            to_time_or_none(run.finished),
            to_time_or_none(run.due),
            run.loop,
            None if run.lock is None else clean_text(run.lock),
            awaits(run),
            divided.begun.get(run.id),
            divided.finished.get(run.id),
        )


def awaits(run: Run) -> str | None:
    """What others must give before the run goes on: its lock, or an event; none when it waits for neither."""
    if run.state is NodeState.WAITING_LOCK:
        return None if is_granted(run) else AWAITS_LOCK
    if run.state is NodeState.WAITING_EVENT and run.inputs:
        return clean_text(event_text(str(run.inputs["event"]), str(run.inputs["key"])))
    return None


def event_text(name: str, key: str) -> str:
    """An event's name and key as `awaits` has them; names have no slash."""
    return f"{name}/{key}"


def _event_rows(task_id: str, changes: Sequence[Change]) -> Iterator[Row]:
    for change in changes:
        yield (task_id, change.sequence, to_time(change.at), *describe(change))


def call_rows(write: TaskWrite) -> Iterator[Row]:
    """Values of ``CALL_COLUMNS``."""
    for run, at, call in write.calls:
        texts = (clean_text(text)[:size] for text, size in ((call.idempotency_key, 64), (call.component, 256)))
        answer = (call.status, clean_text(call.request_id)[:64])
        yield (write.state.task_id, run, to_time(at), *texts, *answer, call.executor)


def log_rows(write: TaskWrite) -> Iterator[Row]:
    """Values of ``LOG_COLUMNS``."""
    for run, at, message in write.log:
        yield (write.state.task_id, run, to_time(at), clean_text(message))


def cancellation_rows(write: TaskWrite) -> Iterator[Row]:
    """Values of ``CANCELLATION_COLUMNS``; of several of one run the last."""
    task_id = write.state.task_id
    for wanted in {wanted.run: wanted for wanted in write.cancellations}.values():
        state = CancelState.ENDED if wanted.due is None else CancelState.WAITING
        times = to_time(wanted.at), to_time_or_none(wanted.due)
        yield (wanted.run, task_id, wanted.node, state.value, *times, dump_or_none(wanted.storage), 0, "")


def settled_rows(writes: Sequence[TaskWrite], now: datetime) -> Iterator[Row]:
    """(message, task, settled_at, reason)."""
    for write in writes:
        for settled in write.settled:
            reason = None if settled.reason is None else clean_text(settled.reason)
            yield (settled.message, write.state.task_id, now, reason)


def counted(counter: int, sequence: int, runs: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """How many node runs and entries a task has come to: its row may lag behind theirs.

    Args:
        runs: values of ``RUN_COLUMNS``.
    """
    numbers = (row[_NUMBER] for row in runs)
    entries = (entry for row in runs for entry in row[_ENTRIES] if entry is not None)
    return max(counter, *numbers, 0), max(sequence, *entries, 0)


def read_run(values: Sequence[Any]) -> Run:
    """A run from the values of ``RUN_COLUMNS``, JSON read and times in seconds."""
    run_id, _task, node, _number, attempt, state, fork, step, inputs, outputs, storage, error, *rest = values
    started, finished, due, loop, lock = rest[:5]
    kept = NodeState(state)
    return Run(
        run_id,
        node,
        attempt,
        kept,
        fork,
        started,
        step,
        kept is NodeState.RUNNING and step > 0,
        due,
        None,
        inputs,
        outputs,
        storage,
        error,
        finished,
        loop,
        lock,
    )
