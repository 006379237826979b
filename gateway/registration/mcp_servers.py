"""The MCP servers a definition file asks for on a stage: made or replaced as that file says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.mcp.servers.models import McpServer
from gateway.mcp.servers.repository import find_server
from gateway.mcp.servers.service import McpServerService, NewMcpServer, ServerChanges, WantedTool
from gateway.mcp.tools.tool import ToolKind
from gateway.registration.schemas import McpServerInput
from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.repository import components_of
from kernel.errors import Conflict, FieldProblem, Invalid
from kernel.principal import Principal

_ACTIVE = 1


@dataclass(frozen=True, slots=True)
class SyncedMcpServer:
    """`name` is the one in the file; the server's own begins with its system and stage."""

    name: str
    server: McpServer
    action: Literal["create", "update"]


class McpServerRegistration:
    def __init__(self, systems: ManagedSystems, servers: McpServerService) -> None:
        self._systems = systems
        self._servers = servers

    async def sync(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        stage_name: str,
        wanted: Sequence[McpServerInput],
    ) -> list[SyncedMcpServer]:
        """Makes or replaces each server that is named; others stay.

        Raises:
            NotFound: no such gateway or stage.
            Invalid: a server names a component that the stage doesn't serve.
            Conflict: another owner has a server of that name.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, stage_name)
        served = {component.name for component in await components_of(session, stage.release_id)}
        problems = [
            FieldProblem("resource_names", f"stage {stage_name} serves no {name}, which {server.name} names")
            for server in wanted
            for name in server.resource_names
            if name not in served
        ]
        if problems:
            raise Invalid("; ".join(each.problem for each in problems[:5]), fields=problems)
        return [await self._put(session, principal, system, stage_name, server) for server in wanted]

    async def _put(
        self, session: AsyncSession, principal: Principal, system: str, stage: str, wanted: McpServerInput
    ) -> SyncedMcpServer:
        name = f"{system}-{stage}-{wanted.name}"
        tools = tuple(
            WantedTool(ToolKind.COMPONENT, f"{system}.{each}", each) for each in dict.fromkeys(wanted.resource_names)
        )
        existing = await find_server(session, name)
        if existing is None:
            made = NewMcpServer(
                name=name,
                title=wanted.title,
                description=wanted.description,
                system=system,
                project=None,
                stage=stage,
                enabled=wanted.status == _ACTIVE,
                raw_response=wanted.raw_response_enabled,
                tools=tools,
            )
            return SyncedMcpServer(wanted.name, await self._servers.create(session, principal, made), "create")
        if existing.system != system:
            raise Conflict(f"Somebody else's MCP server is called {name}; rename the one in the definition")
        changes = ServerChanges(
            title=wanted.title,
            description=wanted.description,
            stage=stage,
            enabled=wanted.status == _ACTIVE,
            raw_response=wanted.raw_response_enabled,
            tools=tools,
        )
        return SyncedMcpServer(wanted.name, await self._servers.change(session, principal, name, changes), "update")
