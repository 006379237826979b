from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.common_flows.models import CommonFlow
from orchestrator.flows.models import FlowRow


async def latest_revisions(
    session: AsyncSession, project_id: str, flow_ids: Collection[str]
) -> dict[str, tuple[str, int]]:
    """Published flow → its name and latest revision, of those that flows of the project may run."""
    statement = (
        select(col(FlowRow.id), col(FlowRow.name), col(FlowRow.latest_revision), col(FlowRow.project_id), CommonFlow)
        .outerjoin(CommonFlow, col(CommonFlow.flow_id) == col(FlowRow.id))
        .where(col(FlowRow.id).in_(flow_ids), col(FlowRow.latest_revision).is_not(None))
    )
    return {
        flow: (name, latest or 0)
        for flow, name, latest, home, common in await session.execute(statement)
        if home == project_id or _is_shared(common, project_id)
    }


def _is_shared(common: CommonFlow | None, project_id: str) -> bool:
    return common is not None and common.is_for(project_id)
