"""Our states in the words of Standard OPS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.engine.states import NodeState, TaskState
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.sops.moments import moment, read_moment
from orchestrator.sops.tasks.status import find, needs_people, status_of
from orchestrator.tasks.service import TaskDetails

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KINDS = {"ask": "confirm", "allow": "approval", "run": "plugin", "gone": "plugin"}


def details(state: TaskState, left_out: tuple[str, ...] = (), **nodes: NodeState) -> TaskDetails:
    """Nodes inside others are written `outer__inner`."""
    task = Task(
        id="t", project_id="p", project_code="p", flow_id="f", flow_name="F", revision=1, definition_id="d", name="T",
        inputs={}, scopes=[], created_by="ada", created_at=AT, started_at=AT, state=state.value,
    )  # fmt: skip
    runs = {
        name.replace("__", "."): NodeRun(
            id=f"{name}.1", task_id="t", node_id=name, number=1, attempt=2, state=found.value, started_at=AT,
            finished_at=AT + timedelta(seconds=3),
        )
        for name, found in nodes.items()
    }  # fmt: skip
    definition = {"nodes": [{"id": name, "kind": kind} for name, kind in KINDS.items()], "left_out": list(left_out)}
    return TaskDetails(task, definition, runs)


def told(found: TaskDetails, *, tells_waiting: bool = False) -> tuple[str, dict[str, str]]:
    status = status_of(found, AT + timedelta(seconds=9), tells_waiting=tells_waiting)
    return status["state"], {name: each["state"] for name, each in status["children"].items()}


@pytest.mark.parametrize(
    ("state", "nodes", "plain", "waiting"),
    [
        ("RUNNING", {"run": "RUNNING"}, ("RUNNING", "RUNNING"), ("RUNNING", "RUNNING")),
        ("RUNNING", {"run": "RETRYING"}, ("RUNNING", "RUNNING"), ("RUNNING", "RUNNING")),
        ("RUNNING", {"run": "POLLING"}, ("RUNNING", "RUNNING"), ("RUNNING", "RUNNING")),
        ("RUNNING", {"run": "FAILED"}, ("FAILED", "FAILED"), ("FAILED", "FAILED")),
        (
            "RUNNING",
            {"run": "SUSPENDED"},
            ("NODE_SUSPENDED", "SUSPENDED"),
            ("PENDING_PROCESSING", "PENDING_PROCESSING"),
        ),
        (
            "RUNNING",
            {"ask": "WAITING_DECISION"},
            ("RUNNING", "RUNNING"),
            ("PENDING_PROCESSING", "PENDING_CONFIRMATION"),
        ),
        ("RUNNING", {"allow": "WAITING_DECISION"}, ("RUNNING", "RUNNING"), ("PENDING_PROCESSING", "PENDING_APPROVAL")),
        ("SUSPENDED", {"run": "FINISHED"}, ("SUSPENDED", "FINISHED"), ("SUSPENDED", "FINISHED")),
        ("FINISHED", {"run": "IGNORED"}, ("FINISHED", "FINISHED"), ("FINISHED", "FINISHED")),
        ("FINISHED", {"run": "SKIPPED"}, ("FINISHED", "FINISHED"), ("FINISHED", "FINISHED")),
        ("REVOKED", {"run": "REVOKED"}, ("REVOKED", "REVOKED"), ("REVOKED", "REVOKED")),
    ],
)
def test_a_task_and_its_node_are_in_the_states_that_clients_know(
    state: str, nodes: dict[str, str], plain: tuple[str, str], waiting: tuple[str, str]
) -> None:
    found = details(TaskState(state), **{name: NodeState(each) for name, each in nodes.items()})
    for expected, tells_waiting in ((plain, False), (waiting, True)):
        whole, children = told(found, tells_waiting=tells_waiting)
        assert (whole, list(children.values())) == (expected[0], [expected[1]])


def test_what_was_not_reached_or_left_out_is_missing() -> None:
    found = details(
        TaskState.RUNNING, ("gone",), run=NodeState.FINISHED, ask=NodeState.NOT_TAKEN, gone=NodeState.SKIPPED
    )
    assert told(found)[1] == {"run": "FINISHED"}


def test_nodes_lie_below_the_one_they_are_in_however_deep() -> None:
    found = details(
        TaskState.RUNNING, run=NodeState.RUNNING, run__inner=NodeState.RUNNING, run__inner__last=NodeState.FAILED
    )
    status = status_of(found, AT)
    last: Any = find(status, "run.inner.last")
    assert (last["retry"], last["elapsed_time"], last["version"]) == (1, 3, "run__inner__last.1")
    assert status["children"].keys() == {"run"}
    assert find(status, "other") is None
    assert needs_people(found)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-02 03:04:05", "2026-01-02 03:04:05 +0000"),
        ("2026-01-02 11:04:05 +0800", "2026-01-02 03:04:05 +0000"),
        ("2026-01-02 11:04:05+0800", "2026-01-02 03:04:05 +0000"),
        ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05 +0000"),
        ("2026-01-02", "2026-01-02 23:59:59 +0000"),
    ],
)
def test_moments_are_read_as_clients_write_them(text: str, at: str) -> None:
    assert moment(read_moment(text, end_of_day=True)) == at


@pytest.mark.parametrize("text", ["9999-12-31 23:59:59 -1200", "0001-01-01 00:00:00 +1200", "tomorrow", ""])
def test_what_is_no_moment_is_told_as_that(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever its words: the caller has its own
        read_moment(text)
