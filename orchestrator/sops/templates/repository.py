from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from orchestrator.flows.models import FlowRow


async def published_flows(
    session: AsyncSession, project_id: str, ids: Collection[str] | None, keyword: str
) -> Sequence[FlowRow]:
    """Flows that can be launched, without their drafts; the newest first.

    Args:
        keyword: part of the name, in whatever case.
    """
    statement = (
        select(FlowRow)
        .where(col(FlowRow.project_id) == project_id, col(FlowRow.latest_revision).is_not(None))
        .options(defer(FlowRow.draft))  # type: ignore[arg-type]
        .order_by(col(FlowRow.id).desc())
    )
    if ids is not None:
        statement = statement.where(col(FlowRow.id).in_(ids))
    if keyword:
        statement = statement.where(col(FlowRow.name).icontains(keyword, autoescape=True))
    return (await session.execute(statement)).scalars().all()
