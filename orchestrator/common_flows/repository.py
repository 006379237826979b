from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.common_flows.models import CommonFlow
from orchestrator.flows.models import FlowRow


async def find_common(session: AsyncSession, flow_id: str) -> CommonFlow | None:
    return await session.get(CommonFlow, flow_id)


async def is_common_for(session: AsyncSession, flow_id: str, project_id: str) -> bool:
    """Whether the project may launch it, and its flows may run it inside."""
    found = await find_common(session, flow_id)
    return found is not None and found.is_for(project_id)


async def common_flows(session: AsyncSession) -> Sequence[tuple[CommonFlow, FlowRow]]:
    """All there are, by name."""
    statement = (
        select(CommonFlow, FlowRow)
        .join(FlowRow, col(FlowRow.id) == col(CommonFlow.flow_id))
        .order_by(col(FlowRow.name))
    )
    return [(common, flow) for common, flow in await session.execute(statement)]
