from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.mcp.servers.models import McpServer
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_server(session: AsyncSession, name: str) -> McpServer | None:
    return (await session.execute(select(McpServer).where(col(McpServer.name) == name))).scalar_one_or_none()


async def servers_page(
    session: AsyncSession,
    page: PageRequest,
    *,
    system: str | None = None,
    project_id: str | None = None,
    visible_projects: Iterable[str] | None = None,
) -> PageOf[McpServer]:
    """Of a system, of a project, or all; of projects only those visible (`None` means all)."""
    statement = select(McpServer)
    if system is not None:
        statement = statement.where(col(McpServer.system) == system)
    if project_id is not None:
        statement = statement.where(col(McpServer.project_id) == project_id)
    if visible_projects is not None:
        seen = col(McpServer.project_id).in_(list(visible_projects))
        statement = statement.where(or_(col(McpServer.project_id).is_(None), seen))
    return await read_page(session, statement, col(McpServer.id), page)
