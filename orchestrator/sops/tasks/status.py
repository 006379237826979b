"""A task and its nodes in the states Standard OPS has. Pure.

Source: TencentBlueKing/bk-sops, gcloud/taskflow3/domains/dispatchers/task.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.paths import ancestors, local
from orchestrator.runtime.models import NodeRun
from orchestrator.sops.moments import elapsed, moment
from orchestrator.sops.tasks.named_nodes import NamedNodes
from orchestrator.tasks.service import TaskDetails

FAILED, RUNNING, SUSPENDED, PROCESSING = "FAILED", "RUNNING", "SUSPENDED", "PENDING_PROCESSING"
_STATES: Final = {
    NodeState.FINISHED: "FINISHED",
    NodeState.IGNORED: "FINISHED",
    NodeState.SKIPPED: "FINISHED",
    NodeState.FAILED: FAILED,
    NodeState.SUSPENDED: SUSPENDED,
    NodeState.REVOKED: "REVOKED",
}
"""Those that are not RUNNING there."""
_UNSEEN: Final = frozenset({NodeState.PENDING, NodeState.NOT_TAKEN})
_ASKING: Final = {"confirm": "PENDING_CONFIRMATION", "approval": "PENDING_APPROVAL"}
_FOR_PEOPLE: Final = frozenset({*_ASKING.values(), PROCESSING})


def status_of(details: TaskDetails, now: datetime, *, tells_waiting: bool = False) -> dict[str, Any]:
    """The task with its nodes, those inside others below them.

    Args:
        tells_waiting: what waits for people has states of its own.
    """
    task = details.task
    nodes = _entries(details, now, tells_waiting=tells_waiting)
    states = {entry["state"] for entry in nodes.values()}
    state = _state_of_task(TaskState(task.state), states, tells_waiting=tells_waiting)
    return {
        **_entry(task.id, task.name, state, task.started_at, task.finished_at, now),
        "children": _nested(nodes),
    }


def state_of_node(state: NodeState) -> str:
    """`CREATED` for a node that was not reached."""
    return "CREATED" if state in _UNSEEN else _STATES.get(state, RUNNING)


def find(status: Mapping[str, Any], node: str) -> Mapping[str, Any] | None:
    """The entry of a node, however deep it lies."""
    for name, child in status["children"].items():
        found: Mapping[str, Any] | None = child if name == node else find(child, node)
        if found is not None:
            return found
    return None


def failed_nodes(details: TaskDetails) -> dict[str, NodeRun]:
    return {name: run for name, run in details.runs.items() if run.state == NodeState.FAILED}


def retries_of(details: TaskDetails, path: str, run: NodeRun) -> dict[str, int]:
    """How often a node was tried again, and how often that happens by itself where it does."""
    node = NamedNodes(details.definition).find(path)
    most = {"max_auto_retry_times": int(node["retry"]["times"])} if node.get("retry") else {}
    return {"auto_retry_times": run.attempt - 1, **most}


def auto_retries(details: TaskDetails) -> dict[str, Any]:
    """The nodes that have failed and will be tried again by themselves; they are RUNNING until then."""
    waiting = [name for name, run in details.runs.items() if run.state == NodeState.RETRYING]
    return {"exist_auto_retry_nodes": bool(waiting), "auto_retry_nodes": waiting}


def needs_people(details: TaskDetails) -> bool:
    """Whether the task goes on only when somebody does something."""
    waiting = {NodeState.FAILED, NodeState.SUSPENDED, NodeState.WAITING_DECISION}
    return TaskState(details.task.state) in {TaskState.FAILED, TaskState.SUSPENDED} or any(
        NodeState(run.state) in waiting for run in details.runs.values()
    )


def _entries(details: TaskDetails, now: datetime, *, tells_waiting: bool) -> dict[str, dict[str, Any]]:
    nodes = NamedNodes(details.definition)
    left_out = set(details.definition.get("left_out") or ())
    entries = {}
    for path, run in details.runs.items():
        found = NodeState(run.state)
        if found in _UNSEEN or path in left_out:
            continue
        node = nodes.find(path)
        state = state_of_node(found)
        if tells_waiting and found is NodeState.WAITING_DECISION:
            state = _ASKING.get(node.get("kind", ""), PROCESSING)
        if tells_waiting and found is NodeState.SUSPENDED:
            state = PROCESSING
        entries[path] = {
            **_entry(path, node.get("name") or local(path), state, run.started_at, run.finished_at, now),
            "retry": max(0, run.attempt - 1),
            "loop": run.loop,
            "skip": found is NodeState.SKIPPED,
            "error_ignorable": found is NodeState.IGNORED,
            "version": run.id,
            "children": {},
        }
    return entries


def _entry(
    name: str, title: str, state: str, start: datetime | None, finish: datetime | None, now: datetime
) -> dict[str, Any]:
    return {
        "id": name,
        "state": state,
        "name": title,
        "retry": 0,
        "loop": 1,
        "skip": False,
        "error_ignorable": False,
        "version": "",
        "state_refresh_at": moment(finish or start),
        "elapsed_time": elapsed(start, finish, now),
        "start_time": moment(start),
        "finish_time": moment(finish),
    }


def _nested(entries: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    top: dict[str, Any] = {}
    for path, entry in entries.items():
        container = next((outer for outer in ancestors(path) if outer in entries), None)
        (top if container is None else entries[container]["children"])[path] = entry
    return top


def _state_of_task(state: TaskState, nodes: set[str], *, tells_waiting: bool) -> str:
    if state is TaskState.RUNNING and FAILED in nodes:
        return FAILED
    if state is TaskState.RUNNING and tells_waiting and nodes & _FOR_PEOPLE:
        return PROCESSING
    if state is TaskState.RUNNING and SUSPENDED in nodes:
        return "NODE_SUSPENDED"
    return state.value
