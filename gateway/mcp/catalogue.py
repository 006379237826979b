"""The tools of a server, made from what is released, installed and published now.

One that can't be made is told and left out; the others stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from aiocache import SimpleMemoryCache
from aiocache.lock import RedLock
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.mcp.servers.checks import ChosenTools
from gateway.mcp.servers.models import McpServer
from gateway.mcp.servers.repository import find_server
from gateway.mcp.tools.arguments import ArgumentsRefused
from gateway.mcp.tools.components import component_tool
from gateway.mcp.tools.startable import companions, flow_tool, plugin_tool
from gateway.mcp.tools.tool import ComponentCall, Tool, ToolChoice, ToolKind, ToolProblem
from gateway.registry.models import ReleaseComponent
from gateway.registry.repository import components_of, find_stage
from kernel.contracts.agent_tools import StartableTool
from kernel.db.database import Database
from kernel.forms.data import SchemaUnusable, compile_validator
from kernel.ids import new_id

SECONDS = 2
"""For which a server's tools are kept."""

_LEASE_SECONDS = 5.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Offered:
    """A server as it stands.

    Attributes:
        in_parts: with arguments in BlueKing's shape.
        tools: in the order in which they were chosen.
    """

    name: str
    title: str
    description: str
    is_system: bool
    in_parts: bool
    project_id: str | None
    enabled: bool
    raw_response: bool
    tools: tuple[Tool, ...]
    problems: tuple[ToolProblem, ...]

    def tool(self, name: str) -> Tool | None:
        return next((tool for tool in self.tools if tool.name == name), None)

    @property
    def scopes(self) -> frozenset[str]:
        """That open every component among its tools."""
        return frozenset(
            scope for tool in self.tools if isinstance(tool.action, ComponentCall) for scope in tool.action.scopes
        )


class ToolCatalogue:
    def __init__(self, database: Database, chosen: ChosenTools) -> None:
        self._database = database
        self._chosen = chosen
        self._kept = SimpleMemoryCache(namespace=new_id(), ttl=SECONDS)

    async def find(self, name: str, *, in_parts: bool = False) -> Offered | None:
        """The server of this name, kept for a moment.

        Args:
            in_parts: with arguments in BlueKing's shape, for components.
        """
        key = f"{name}:{in_parts}"
        kept: tuple[Offered | None] | None = await self._kept.get(key)
        if kept is None:
            async with RedLock(self._kept, key, _LEASE_SECONDS):
                kept = await self._kept.get(key)
                if kept is None:
                    kept = (await self._load(name, in_parts=in_parts),)
                    await self._kept.set(key, kept)
        return kept[0]

    async def read(self, session: AsyncSession, server: McpServer, *, in_parts: bool = False) -> Offered:
        """The server as it stands now."""
        makers = await self._makers(session, server, in_parts=in_parts)
        tools: list[Tool] = []
        problems: list[ToolProblem] = []
        for choice in server.choices:
            made = _made(choice, makers.get((choice.kind, choice.target)))
            if isinstance(made, Tool):
                tools.append(made)
            else:
                problems.append(made)
        if any(not isinstance(tool.action, ComponentCall) for tool in tools):
            tools.extend(companions())
        return Offered(
            name=server.name,
            title=server.title,
            description=server.description,
            is_system=server.system is not None,
            in_parts=in_parts,
            project_id=server.project_id,
            enabled=server.enabled,
            raw_response=server.raw_response,
            tools=tuple(tools),
            problems=tuple(problems),
        )

    async def _load(self, name: str, *, in_parts: bool) -> Offered | None:
        async with self._database.reading() as session:
            server = await find_server(session, name)
            return await self.read(session, server, in_parts=in_parts) if server is not None else None

    async def _makers(self, session: AsyncSession, server: McpServer, *, in_parts: bool) -> "_Makers":
        choices = server.choices
        makers: dict[tuple[ToolKind, str], Callable[[str], Tool]] = {}
        systems = {choice.target.partition(".")[0] for choice in choices if choice.kind is ToolKind.COMPONENT}
        for system in systems:
            stage = await find_stage(session, system, server.stage)
            for component in await components_of(session, stage.release_id) if stage is not None else ():
                makers[ToolKind.COMPONENT, f"{system}.{component.name}"] = _component_maker(
                    system, server.stage, component, in_parts=in_parts
                )
        tasks, project_id = self._chosen.tasks, server.project_id
        if tasks is not None and project_id is not None:
            flows = [choice.target for choice in choices if choice.kind is ToolKind.FLOW]
            plugins = [choice.target for choice in choices if choice.kind is ToolKind.PLUGIN]
            for flow in await tasks.flows(session, project_id, flows) if flows else ():
                makers[ToolKind.FLOW, flow.id] = _flow_maker(flow)
            for plugin in await tasks.plugins(session, project_id, plugins) if plugins else ():
                makers[ToolKind.PLUGIN, plugin.id] = _plugin_maker(project_id, plugin)
        return makers


_Makers = Mapping[tuple[ToolKind, str], Callable[[str], Tool]]


def _made(choice: ToolChoice, maker: Callable[[str], Tool] | None) -> Tool | ToolProblem:
    if maker is None:
        gone = {
            ToolKind.COMPONENT: "the stage's release does not have it",
            ToolKind.FLOW: "it is no published flow of the project any more",
            ToolKind.PLUGIN: "it is not installed in the project any more",
        }
        return ToolProblem(choice.name, f"{choice.target}: {gone[choice.kind]}")
    try:
        tool = maker(choice.name)
        compile_validator(tool.input_schema)
    except ArgumentsRefused as error:
        return ToolProblem(choice.name, f"{choice.target}: {error}")
    except SchemaUnusable as error:
        return ToolProblem(choice.name, f"{choice.target}: its schema can't be used, {error}")
    except Exception:  # noqa: BLE001 - one tool that breaks breaks no other
        _log.exception("mcp tool can't be made", tool=choice.name, target=choice.target)
        return ToolProblem(choice.name, f"{choice.target}: it can't be made a tool")
    return tool


def _component_maker(system: str, stage: str, component: ReleaseComponent, *, in_parts: bool) -> Callable[[str], Tool]:
    return lambda name: component_tool(name, system, stage, component, in_parts=in_parts)


def _flow_maker(flow: StartableTool) -> Callable[[str], Tool]:
    return lambda name: flow_tool(name, flow)


def _plugin_maker(project_id: str, plugin: StartableTool) -> Callable[[str], Tool]:
    return lambda name: plugin_tool(name, project_id, plugin)
