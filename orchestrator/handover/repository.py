from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.errors import NotFound
from kernel.ids import is_id
from orchestrator.handover.models import TaskRequest
from orchestrator.handover.states import OPEN, RequestState
from orchestrator.runtime.models import Task


async def require_request(session: AsyncSession, request_id: str, *, lock: bool = False) -> TaskRequest:
    """Raises:
    NotFound: no such request.
    """
    found = await find_request(session, request_id, lock=lock)
    if found is None:
        raise NotFound(f"There is no request {request_id!r}")
    return found


async def find_request(session: AsyncSession, request_id: str, *, lock: bool = False) -> TaskRequest | None:
    statement = select(TaskRequest).where(col(TaskRequest.id) == request_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none() if is_id(request_id) else None


async def tasks_started_for(session: AsyncSession, request_ids: Collection[str]) -> dict[str, str]:
    """Request → the task that was started for it; those without one are absent."""
    statement = select(TaskRequest.id, TaskRequest.task_id).where(col(TaskRequest.id).in_(request_ids))
    return {request: task for request, task in await session.execute(statement) if task is not None}


async def list_requests(
    session: AsyncSession, where: ColumnElement[bool], states: Collection[RequestState], page: PageRequest
) -> PageOf[TaskRequest]:
    """The newest first."""
    statement = select(TaskRequest).where(where)
    if states:
        statement = statement.where(col(TaskRequest.state).in_([state.value for state in states]))
    return await read_page(session, statement, col(TaskRequest.id), page, newest_first=True)


async def count_open(session: AsyncSession, requester: str) -> int:
    """Requests of a person that nobody has settled yet."""
    statement = select(func.count()).where(
        col(TaskRequest.requester) == requester, col(TaskRequest.state).in_([state.value for state in OPEN])
    )
    return (await session.execute(statement)).scalar_one()


async def task_states(session: AsyncSession, task_ids: Collection[str]) -> dict[str, str]:
    statement = select(Task.id, Task.state).where(col(Task.id).in_(task_ids))
    return {row.id: row.state for row in await session.execute(statement)}


async def overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[TaskRequest]:
    """Open requests whose time is over, held until the transaction ends; those that somebody else holds are left."""
    statement = (
        select(TaskRequest)
        .where(col(TaskRequest.state).in_([state.value for state in OPEN]), col(TaskRequest.expires_at) <= now)
        .order_by(col(TaskRequest.expires_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalars().all()
