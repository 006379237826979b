"""The MCP servers a definition file asks for on a stage: checked and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registration.models import McpServer
from gateway.registration.schemas import McpServerInput
from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.repository import components_of
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import FieldProblem, Invalid
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class SyncedMcpServer:
    server: McpServer
    action: Literal["create", "update"]


class McpServerRegistration:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

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
        rows = await session.execute(
            select(McpServer).where(
                col(McpServer.system) == system, col(McpServer.stage) == stage, col(McpServer.name) == wanted.name
            )
        )
        server = rows.scalar_one_or_none()
        before = _described(server) if server is not None else None
        settings: dict[str, Any] = wanted.model_dump(exclude={"name", "resource_names"})
        if server is None:
            server = McpServer(system=system, stage=stage, name=wanted.name, components=[], settings={})
            session.add(server)
        server.components, server.settings = list(wanted.resource_names), settings
        server.updated_at = self._clock.now()
        await session.flush()
        record(session, principal, "mcp_server.synced", "system", system, before=before, after=_described(server))
        return SyncedMcpServer(server, "create" if before is None else "update")


def _described(server: McpServer) -> dict[str, Any]:
    return {"stage": server.stage, "mcp_server": server.name, "components": server.components}
