from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import SYSTEM_NAME
from gateway.mcp.addresses import blueking_path, server_path
from gateway.mcp.servers.models import McpServer
from gateway.mcp.servers.schemas import (
    McpServerChange,
    McpServerView,
    McpToolChoiceView,
    McpToolInput,
    McpToolView,
    NewMcpServerInput,
    ServerPath,
)
from gateway.mcp.servers.service import NewMcpServer, ServerChanges, WantedTool
from gateway.mcp.tools.tool import ComponentCall, Tool, ToolProblem
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/mcp-servers", tags=["mcp"], route_class=StrictJsonRoute)

SystemFilter = Annotated[str | None, Query(pattern=SYSTEM_NAME)]
ProjectFilter = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$")]


@router.get("")
async def list_mcp_servers(
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    system: SystemFilter = None,
    project: ProjectFilter = None,
) -> Page[McpServerView]:
    """Of all systems and of the projects the caller sees."""
    found = await gateway.mcp.servers.browse(session, principal, page, system, project)
    return Page(items=[_view(server, gateway.issuer) for server in found.items], next=found.next)


@router.post("", status_code=201)
async def create_mcp_server(body: NewMcpServerInput, caller: CallerDep, gateway: GatewayDep) -> McpServerView:
    wanted = NewMcpServer(**body.model_dump(exclude={"tools"}), tools=_wanted(body.tools))
    async with gateway.database.unit_of_work() as session:
        return _view(await gateway.mcp.servers.create(session, caller, wanted), gateway.issuer)


@router.get("/{name}")
async def get_mcp_server(
    name: ServerPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> McpServerView:
    return _view(await gateway.mcp.servers.get(session, principal, name), gateway.issuer)


@router.patch("/{name}")
async def change_mcp_server(
    name: ServerPath, body: McpServerChange, caller: CallerDep, gateway: GatewayDep
) -> McpServerView:
    tools = _wanted(body.tools) if body.tools is not None else None
    changes = ServerChanges(**body.model_dump(exclude={"tools"}), tools=tools)
    async with gateway.database.unit_of_work() as session:
        return _view(await gateway.mcp.servers.change(session, caller, name, changes), gateway.issuer)


@router.delete("/{name}", status_code=204)
async def remove_mcp_server(name: ServerPath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.mcp.servers.remove(session, caller, name)


@router.get("/{name}/tools")
async def list_mcp_tools(
    name: ServerPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[McpToolView]:
    """As clients see them; with those that can't be offered, and why."""
    server = await gateway.mcp.servers.get(session, principal, name)
    offered = await gateway.mcp.catalogue.read(session, server)
    return Page(items=[*map(_tool_view, offered.tools), *map(_problem_view, offered.problems)])


def _wanted(tools: list[McpToolInput]) -> tuple[WantedTool, ...]:
    return tuple(WantedTool(tool.kind, tool.target, tool.name) for tool in tools)


def _tool_view(tool: Tool) -> McpToolView:
    return McpToolView(
        name=tool.name,
        title=tool.text("en").title,
        description=tool.text("en").description,
        input_schema=dict(tool.input_schema),
        output_schema=dict(tool.output_schema) if tool.output_schema is not None else None,
        scopes=sorted(tool.action.scopes) if isinstance(tool.action, ComponentCall) else [],
        problem=None,
    )


def _problem_view(problem: ToolProblem) -> McpToolView:
    return McpToolView(
        name=problem.name,
        title="",
        description="",
        input_schema=None,
        output_schema=None,
        scopes=[],
        problem=problem.problem,
    )


def _view(server: McpServer, issuer: str) -> McpServerView:
    return McpServerView(
        name=server.name,
        title=server.title,
        description=server.description,
        system=server.system,
        project_id=server.project_id,
        stage=server.stage,
        enabled=server.enabled,
        raw_response=server.raw_response,
        tools=[McpToolChoiceView.model_validate(choice) for choice in server.choices],
        url=issuer + server_path(server.name),
        blueking_url=issuer + blueking_path(server.name) if server.system is not None else None,
        updated_by=server.updated_by,
        updated_at=server.updated_at,
    )
