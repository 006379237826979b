from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.engine.states import ENDED, TaskState
from orchestrator.handover.models import TaskRequest
from orchestrator.handover.states import RequestState
from orchestrator.runtime.models import Task
from orchestrator.sops.functionalization.schemas import ExecuteStatus, Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """Attributes:
    ids: of requests, or of the tasks that were started for them; none for all.
    """

    projects: Collection[str]
    ids: Collection[str] | None
    status: Status | None
    execute_status: ExecuteStatus | None
    creator: str
    claimant: str
    since: datetime | None
    until: datetime | None


async def find_requests(
    session: AsyncSession, wanted: Wanted, limit: int, offset: int
) -> Sequence[tuple[TaskRequest, Task | None]]:
    """With their tasks, the newest first; a task that went to the archive is none."""
    statement = (
        select(TaskRequest, Task)
        .outerjoin(Task, col(Task.id) == col(TaskRequest.task_id))
        .where(*_conditions(wanted))
        .order_by(col(TaskRequest.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return [(request, task) for request, task in await session.execute(statement)]


async def count_requests(session: AsyncSession, wanted: Wanted) -> int:
    statement = (
        select(func.count())
        .select_from(TaskRequest)
        .outerjoin(Task, col(Task.id) == col(TaskRequest.task_id))
        .where(*_conditions(wanted))
    )
    return (await session.execute(statement)).scalar_one()


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(TaskRequest.project_id).in_(wanted.projects)]
    if wanted.ids is not None:
        found.append(or_(col(TaskRequest.id).in_(wanted.ids), col(TaskRequest.task_id).in_(wanted.ids)))
    if wanted.status is not None:
        found.append(_has_status(wanted.status))
    if wanted.execute_status is not None:
        found.append(_runs(wanted.execute_status))
    if wanted.creator:
        found.append(col(TaskRequest.requester).icontains(wanted.creator, autoescape=True))
    if wanted.claimant:
        found.append(col(TaskRequest.claimed_by).icontains(wanted.claimant, autoescape=True))
    if wanted.since is not None:
        found.append(col(TaskRequest.created_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(TaskRequest.created_at) <= wanted.until)
    return found


def _has_status(status: Status) -> ColumnElement[bool]:
    state = col(TaskRequest.state)
    match status:
        case "executed":
            return and_(state == RequestState.STARTED.value, _at_work())
        case "finished":
            return and_(state == RequestState.STARTED.value, ~_at_work())
        case "rejected":
            return state.in_([each.value for each in _GIVEN_UP])
        case _:
            return state == status


def _runs(status: ExecuteStatus) -> ColumnElement[bool]:
    state = col(TaskRequest.state)
    match status:
        case "nonExecution":
            return state != RequestState.STARTED.value
        case "running":
            return and_(state == RequestState.STARTED.value, _at_work())
        case "revoked":
            return col(Task.state) == TaskState.REVOKED.value
        case "finished":
            return col(Task.state) == TaskState.FINISHED.value


_GIVEN_UP = (RequestState.REJECTED, RequestState.WITHDRAWN, RequestState.EXPIRED)


def _at_work() -> ColumnElement[bool]:
    """Of a task that was started: a task that is gone from the table has ended."""
    is_there = col(Task.id).is_not(None)
    return and_(is_there, col(Task.state).not_in([state.value for state in ENDED]))
