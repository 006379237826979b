from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.flows.models import FlowRow


async def latest_revisions(session: AsyncSession, flow_ids: Collection[str]) -> dict[str, tuple[str, int]]:
    """Published flow → its name and latest revision."""
    statement = select(FlowRow.id, FlowRow.name, FlowRow.latest_revision).where(
        col(FlowRow.id).in_(flow_ids), col(FlowRow.latest_revision).is_not(None)
    )
    return {flow: (name, latest or 0) for flow, name, latest in await session.execute(statement)}
