from collections.abc import Sequence

from sqlalchemy import func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.errors import NotFound
from kernel.ids import is_id
from orchestrator.runtime.models import Task
from orchestrator.saved_inputs.models import SavedInputs
from orchestrator.tasks.origins import OriginKind


async def seen_by(session: AsyncSession, flow_id: str, username: str, limit: int) -> Sequence[SavedInputs]:
    """His own and those that are shared, by name."""
    statement = (
        select(SavedInputs)
        .where(
            col(SavedInputs.flow_id) == flow_id,
            or_(col(SavedInputs.owner) == username, col(SavedInputs.shared).is_(True)),
        )
        .order_by(col(SavedInputs.name), col(SavedInputs.id))
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def require_saved(session: AsyncSession, saved_id: str) -> SavedInputs:
    """Raises:
    NotFound: no such inputs.
    """
    found = await session.get(SavedInputs, saved_id) if is_id(saved_id) else None
    if found is None:
        raise NotFound(f"There are no saved inputs {saved_id!r}")
    return found


async def count_of(session: AsyncSession, flow_id: str, owner: str) -> int:
    statement = select(func.count()).where(col(SavedInputs.flow_id) == flow_id, col(SavedInputs.owner) == owner)
    return (await session.execute(statement)).scalar_one()


async def last_task(session: AsyncSession, flow_id: str, username: str) -> Task | None:
    """The newest of the flow that the person launched; a mock run is none."""
    newest = select(func.max(Task.id)).where(col(Task.flow_id) == flow_id, col(Task.created_by) == username)
    newest = newest.where(col(Task.origin) != OriginKind.MOCK.value)
    statement = select(Task).where(col(Task.id) == newest.scalar_subquery())
    return (await session.execute(statement)).scalar_one_or_none()
