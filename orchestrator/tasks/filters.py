"""Which tasks a list shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col

from orchestrator.engine.states import TaskState
from orchestrator.runtime.models import Task
from orchestrator.tasks.origins import OriginKind


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What is empty or none narrows nothing.

    Attributes:
        name: part of it, in whatever case.
        since, until: when the task was made, both included.
    """

    states: Sequence[TaskState] = ()
    flow_id: str = ""
    created_by: str = ""
    origin: OriginKind | None = None
    origin_id: str = ""
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = TaskFilter()


def conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(col(Task.state).in_([state.value for state in wanted.states]))
    if wanted.flow_id:
        found.append(col(Task.flow_id) == wanted.flow_id)
    if wanted.created_by:
        found.append(col(Task.created_by) == wanted.created_by)
    if wanted.origin is not None:
        found.append(col(Task.origin) == wanted.origin.value)
    if wanted.origin_id:
        found.append(col(Task.origin_id) == wanted.origin_id)
    if wanted.name:
        found.append(col(Task.name).icontains(wanted.name, autoescape=True))
    if wanted.since is not None:
        found.append(col(Task.created_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Task.created_at) <= wanted.until)
    return found
