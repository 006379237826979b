"""Which invariants a stored task breaks. Pure."""

from collections.abc import Iterator

from orchestrator.doctor.findings import TAKEN_WITHIN, Finding, Moment, Seen
from orchestrator.engine.invariants import Breach, Invariant, breaches, breaches_at_rest
from orchestrator.engine.model import State
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.runtime.codec import restore
from orchestrator.runtime.store import NOBODY

_ENDED = frozenset(state.value for state in ENDED)


def state_of(seen: Seen) -> State:
    """The state a worker that claims the task begins with."""
    task = seen.task
    return restore(
        task.id,
        status=task.state,
        progress=task.progress,
        counter=task.counter,
        sequence=task.sequence,
        started=None if task.started_at is None else task.started_at.timestamp(),
        finished=None if task.finished_at is None else task.finished_at.timestamp(),
        runs=list(seen.runs),
    )


def judge(seen: Seen, graph: Graph | None, at: Moment) -> list[Finding]:
    """Everything that is broken; of a definition that can't be read (none) only what the rows tell."""
    task = seen.task
    found = [*_of_rows(seen), *_of_waiting(seen, at)]
    if graph is None:
        why = f"its definition {task.definition_id[:12]} is not stored, or can't be read"
        found.append(Breach(Invariant.DEFINITION_READABLE, None, why))
    else:
        state = state_of(seen)
        found += breaches(graph, state)
        if task.lease_owner is None:
            found += [*breaches_at_rest(graph, state), *_of_locks(seen, state)]
    return [
        Finding(each.invariant, task.id, task.project_id, each.node, each.why, task.fence)
        for each in dict.fromkeys(found)
    ]


def _of_rows(seen: Seen) -> Iterator[Breach]:
    task = seen.task
    for run in seen.runs:
        if run.due is not None and run.state not in LIVE:
            yield Breach(Invariant.DUE_ONLY_UNDER_WAY, run.node, f"it is {run.state}, and is to be looked at again")
    newest = max((_number(run.id) for run in seen.runs), default=0)
    at_rest = task.lease_owner is None  # while somebody has the task, its own row may lag behind those of its node runs
    if at_rest and (newest > task.counter or seen.last_entry > task.sequence):
        why = f"it counts {task.counter} node runs and {task.sequence} entries of its history: there are {newest} and "
        yield Breach(Invariant.NUMBERS_COVER_ROWS, None, f"{why}{seen.last_entry}")
    if (task.state in _ENDED) != (task.finished_at is not None):
        dated = "without the date of its end" if task.finished_at is None else "with a date of its end"
        yield Breach(Invariant.END_DATED, None, f"it is {task.state}, {dated}")


def _of_waiting(seen: Seen, at: Moment) -> Iterator[Breach]:
    """What was to be taken up, and nobody did."""
    task, long_ago = seen.task, at.now - TAKEN_WITHIN
    if task.lease_owner is not None:
        if not at.is_alive(task.lease_owner):
            yield Breach(Invariant.OWNER_ALIVE, None, _of_owner(task.lease_owner))
        return
    if task.state == TaskState.CREATED.value and task.start_at is not None and task.start_at < long_ago:
        yield Breach(Invariant.START_TAKEN, None, f"it was to begin at {task.start_at:%Y-%m-%d %H:%M:%S} UTC")
    if seen.oldest_message is not None and seen.oldest_message < long_ago:
        came = f"{seen.oldest_message:%Y-%m-%d %H:%M:%S}"
        yield Breach(Invariant.MESSAGE_TAKEN, None, f"an operation or callback came at {came} UTC")
    for run in seen.runs:
        if run.due is not None and run.state in LIVE and run.due < long_ago.timestamp():
            yield Breach(Invariant.TIMER_TAKEN, run.node, f"it is {run.state}, and its time has come")


def _of_locks(seen: Seen, state: State) -> Iterator[Breach]:
    """A node that waits for its lock stands in line, unless it has been given it and its task is held."""
    held = {token.node for token in state.held}
    for name in sorted(state.live):
        run = state.runs[name]
        if run.state is NodeState.WAITING_LOCK and name not in held and run.id not in seen.in_line:
            yield Breach(Invariant.WAIT_ENDS, name, "it waits for its lock, and does not stand in line for it")


def _of_owner(owner: str) -> str:
    if owner == NOBODY:
        return "its worker let go of it, since it could not go on with it; the log says why"
    return f"it belongs to {owner}, which does not live any more"


def _number(run_id: str) -> int:
    return int(run_id.rpartition(".")[2])
