"""MCP servers as their owners make them."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.mcp.servers.checks import ChosenTools
from gateway.mcp.servers.models import McpServer
from gateway.mcp.servers.repository import find_server, servers_page
from gateway.mcp.tools.tool import ToolChoice, ToolKind
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class WantedTool:
    """`name` none is made from the target."""

    kind: ToolKind
    target: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NewMcpServer:
    """Owned by `system`, or by `project` (id or code)."""

    name: str
    title: str
    description: str
    system: str | None
    project: str | None
    stage: str
    enabled: bool
    raw_response: bool
    tools: tuple[WantedTool, ...]


@dataclass(frozen=True, slots=True)
class ServerChanges:
    """None leaves as it is."""

    title: str | None = None
    description: str | None = None
    stage: str | None = None
    enabled: bool | None = None
    raw_response: bool | None = None
    tools: tuple[WantedTool, ...] | None = None


class McpServerService:
    """A system's server by those who manage the system, a project's by those who may publish its flows."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, chosen: ChosenTools, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._chosen = chosen
        self._clock = clock

    async def browse(
        self, session: AsyncSession, principal: Principal, page: PageRequest, system: str | None, project: str | None
    ) -> PageOf[McpServer]:
        """Systems' servers everybody sees; those of projects who sees the project."""
        project_id = (await self._projects.find(session, project)).id if project is not None else None
        visible = await self._authorizer.resources_allowing(
            session, principal, Action.PROJECT_VIEW, ResourceKind.PROJECT
        )
        return await servers_page(session, page, system=system, project_id=project_id, visible_projects=visible)

    async def get(self, session: AsyncSession, principal: Principal, name: str) -> McpServer:
        """Raises NotFound, PermissionDenied."""
        server = await find_server(session, name)
        if server is None:
            raise NotFound(f"There is no MCP server {name}")
        if server.project_id is not None:
            resource = Resource(ResourceKind.PROJECT, server.project_id)
            await self._authorizer.require(session, principal, Action.PROJECT_VIEW, resource)
        return server

    async def create(self, session: AsyncSession, principal: Principal, wanted: NewMcpServer) -> McpServer:
        """Raises:
        Invalid: no owner or two; a tool that isn't there.
        Conflict: the name is taken.
        """
        if (wanted.system is None) == (wanted.project is None):
            raise Invalid.field("system", "and project: exactly one of them owns the server", "Send one of both")
        project_id = (await self._projects.find(session, wanted.project)).id if wanted.project is not None else None
        await self._require(session, principal, wanted.system, project_id)
        if await find_server(session, wanted.name) is not None:
            raise Conflict(f"There is an MCP server {wanted.name} already; choose another name")
        server = McpServer(
            name=wanted.name,
            title=wanted.title,
            description=wanted.description,
            system=wanted.system,
            project_id=project_id,
            stage=wanted.stage,
            enabled=wanted.enabled,
            raw_response=wanted.raw_response,
            tools=[],
            created_at=self._clock.now(),
            updated_at=self._clock.now(),
            updated_by=principal.id,
        )
        server.tools = await self._tools(session, server, wanted.tools)
        session.add(server)
        await session.flush()
        _audit(session, principal, "created", server, before=None, after=_described(server))
        return server

    async def change(self, session: AsyncSession, principal: Principal, name: str, changes: ServerChanges) -> McpServer:
        """Raises:
        NotFound, PermissionDenied.
        Invalid: a tool that isn't there.
        """
        server = await self._managed(session, principal, name)
        before = _described(server)
        for field in ("title", "description", "stage", "enabled", "raw_response"):
            value = getattr(changes, field)
            if value is not None:
                setattr(server, field, value)
        if changes.tools is not None:
            server.tools = await self._tools(session, server, changes.tools)
        after = _described(server)
        changed = {field for field, value in after.items() if before[field] != value}
        if changed:
            server.updated_at, server.updated_by = self._clock.now(), principal.id
            await session.flush()
            _audit(
                session,
                principal,
                "changed",
                server,
                before={field: before[field] for field in changed},
                after={field: after[field] for field in changed},
            )
        return server

    async def remove(self, session: AsyncSession, principal: Principal, name: str) -> None:
        """Raises NotFound, PermissionDenied."""
        server = await self._managed(session, principal, name)
        await session.delete(server)
        _audit(session, principal, "removed", server, before=_described(server), after=None)

    async def _managed(self, session: AsyncSession, principal: Principal, name: str) -> McpServer:
        server = await self.get(session, principal, name)
        await self._require(session, principal, server.system, server.project_id)
        return server

    async def _require(
        self, session: AsyncSession, principal: Principal, system: str | None, project_id: str | None
    ) -> None:
        if system is not None:
            resource, action = Resource(ResourceKind.SYSTEM, system), Action.SYSTEM_MANAGE
        else:
            resource, action = Resource(ResourceKind.PROJECT, str(project_id)), Action.FLOW_PUBLISH
        await self._authorizer.require(session, principal, action, resource)

    async def _tools(
        self, session: AsyncSession, server: McpServer, wanted: Sequence[WantedTool]
    ) -> list[dict[str, Any]]:
        choices = [ToolChoice(each.kind, each.target, each.name or _name_of(each, server)) for each in wanted]
        await self._chosen.check(session, server, choices)
        return [asdict(choice) | {"kind": choice.kind.value} for choice in choices]


def _name_of(wanted: WantedTool, server: McpServer) -> str:
    """A system's components by their own names; elsewhere with their system's, since names may meet."""
    if wanted.kind is ToolKind.FLOW:
        return f"flow_{wanted.target[-8:]}"
    if wanted.kind is ToolKind.COMPONENT and server.system is not None:
        return wanted.target.partition(".")[2] or wanted.target
    return re.sub(r"[^A-Za-z0-9_-]", "_", wanted.target)[:128]


def _described(server: McpServer) -> dict[str, Any]:
    return {
        "title": server.title,
        "description": server.description,
        "stage": server.stage,
        "enabled": server.enabled,
        "raw_response": server.raw_response,
        "tools": [dict(tool) for tool in server.tools],
    }


def _audit(
    session: AsyncSession,
    principal: Principal,
    what: str,
    server: McpServer,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    owner = {"system": server.system} if server.system is not None else {}
    record(
        session,
        principal,
        f"mcp_server.{what}",
        "mcp_server",
        server.name,
        before=before,
        after=after | owner if after is not None else None,
        project_id=server.project_id,
    )
