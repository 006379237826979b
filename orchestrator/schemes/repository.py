from collections.abc import Collection, Sequence

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.ids import is_id
from orchestrator.mini_apps.models import MiniApp
from orchestrator.schedules.models import Schedule
from orchestrator.schemes.models import Scheme
from orchestrator.triggers.models import Trigger


async def find_scheme(session: AsyncSession, scheme_id: str, *, lock: bool = False) -> Scheme | None:
    if not is_id(scheme_id):
        return None
    statement = select(Scheme).where(col(Scheme.id) == scheme_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def schemes_of(session: AsyncSession, flow_id: str, ids: Collection[str] | None = None) -> Sequence[Scheme]:
    """Of a flow, in the order of their names.

    Args:
        ids: only these.
    """
    statement = select(Scheme).where(col(Scheme.flow_id) == flow_id).order_by(col(Scheme.name))
    if ids is not None:
        statement = statement.where(col(Scheme.id).in_(ids))
    return (await session.execute(statement)).scalars().all()


async def find_named(session: AsyncSession, flow_id: str, name: str) -> Scheme | None:
    statement = select(Scheme).where(col(Scheme.flow_id) == flow_id, col(Scheme.name) == name)
    return (await session.execute(statement)).scalar_one_or_none()


async def count_of(session: AsyncSession, flow_id: str) -> int:
    counted = select(func.count()).select_from(Scheme).where(col(Scheme.flow_id) == flow_id)
    return (await session.execute(counted)).scalar_one()


async def users_of(session: AsyncSession, scheme: Scheme) -> list[str]:
    """Names of the schedules, triggers and mini-apps that start tasks by it."""
    starting = [
        select(Schedule.name, Schedule.schemes).where(col(Schedule.flow_id) == scheme.flow_id),
        select(Trigger.name, Trigger.schemes).where(col(Trigger.flow_id) == scheme.flow_id),
        select(MiniApp.name, MiniApp.schemes).where(col(MiniApp.flow_id) == scheme.flow_id),
    ]
    rows = [row for statement in starting for row in await session.execute(statement)]
    return sorted(name for name, schemes in rows if scheme.id in schemes)
