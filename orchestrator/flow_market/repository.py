from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.flow_market.models import FlowOrigin
from orchestrator.flows.models import FlowRow


async def taken_flows(session: AsyncSession, project_id: str, code: str) -> dict[str, tuple[FlowOrigin, FlowRow]]:
    """Part → what a project has of a package; of flows that were taken more than once, the last."""
    statement = (
        select(FlowOrigin, FlowRow)
        .join(FlowRow, col(FlowRow.id) == col(FlowOrigin.flow_id))
        .where(col(FlowOrigin.project_id) == project_id, col(FlowOrigin.code) == code)
        .order_by(col(FlowOrigin.flow_id))
    )
    return {origin.part: (origin, flow) for origin, flow in await session.execute(statement)}


async def find_origin(session: AsyncSession, flow_id: str) -> FlowOrigin | None:
    return await session.get(FlowOrigin, flow_id)
