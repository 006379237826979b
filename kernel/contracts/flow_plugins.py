"""Which flows use which plugins: implemented by the orchestrator."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class FlowPlugins(Protocol):
    async def asks(self, session: AsyncSession, project_id: str, flow_id: str, plugin: str, version: str) -> bool:
        """Whether the latest revision of a flow of this project uses this version of the plugin."""
        ...
