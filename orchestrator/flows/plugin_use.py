"""Which published flows use which plugins, for other units."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.flows.models import FlowRevisionRow, FlowRow


class PluginUse:
    """A `kernel.contracts.flow_plugins.FlowPlugins`."""

    async def asks(self, session: AsyncSession, project_id: str, flow_id: str, plugin: str, version: str) -> bool:
        statement = (
            select(FlowRevisionRow.plugins)
            .join(FlowRow, col(FlowRow.id) == col(FlowRevisionRow.flow_id))
            .where(
                col(FlowRow.id) == flow_id,
                col(FlowRow.project_id) == project_id,
                col(FlowRevisionRow.number) == col(FlowRow.latest_revision),
            )
        )
        used = (await session.execute(statement)).scalar_one_or_none()
        return used is not None and version in used.get(plugin, [])
