"""`trunkline mcp`: MCP servers and the tools they offer to agents."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json

app = typer.Typer(no_args_is_help=True, help="MCP servers: components, plugins and flows as tools for agents.")

Components = Annotated[list[str] | None, typer.Option("--component", help="system.component; repeatable")]
Plugins = Annotated[list[str] | None, typer.Option("--plugin", help="Code of an installed plugin; repeatable")]
Flows = Annotated[list[str] | None, typer.Option("--flow", help="Id of a published flow, or ID=NAME; repeatable")]


@app.command("list")
def list_servers(
    system: Annotated[str, typer.Option(help="Of this system")] = "",
    project: Annotated[str, typer.Option(help="Of this project")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List MCP servers with their addresses."""
    query = {name: value for name, value in (("system", system), ("project", project)) if value}
    found = list(connect(url, token).items("/mcp-servers", **query))
    if as_json:
        print_json(found)
        return
    for server in found:
        state = "" if server["enabled"] else "\toff"
        typer.echo(f"{server['name']}\t{len(server['tools'])} tools\t{server['url']}{state}")


@app.command("create")
def create_server(
    name: str,
    system: Annotated[str, typer.Option(help="That owns it")] = "",
    project: Annotated[str, typer.Option(help="That owns it")] = "",
    title: str = "",
    description: Annotated[str, typer.Option(help="What an agent should know first")] = "",
    stage: str = "prod",
    component: Components = None,
    plugin: Plugins = None,
    flow: Flows = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an MCP server of a system or of a project."""
    body = {
        "name": name,
        "system": system or None,
        "project": project or None,
        "title": title,
        "description": description,
        "stage": stage,
        "tools": _tools(component, plugin, flow),
    }
    _show(connect(url, token).post("/mcp-servers", body), as_json=as_json)


@app.command("change")
def change_server(
    name: str,
    title: Annotated[str | None, typer.Option()] = None,
    description: Annotated[str | None, typer.Option()] = None,
    stage: Annotated[str | None, typer.Option()] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether agents reach it")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Change what an MCP server says, or switch it on and off."""
    given = {"title": title, "description": description, "stage": stage, "enabled": on}
    changes = {member: value for member, value in given.items() if value is not None}
    if not changes:
        fail("Name what is to change: --title, --description, --stage, --on or --off", code=2)
    _show(connect(url, token).patch(f"/mcp-servers/{name}", changes), as_json=as_json)


@app.command("tools")
def list_tools(name: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the tools as agents see them; exit code 1 when one can't be offered."""
    found = connect(url, token).get(f"/mcp-servers/{name}/tools")["items"]
    if as_json:
        print_json(found)
    else:
        for tool in found:
            typer.echo(f"{tool['name']}\t{tool['problem'] or tool['title']}")
    if any(tool["problem"] for tool in found):
        raise typer.Exit(1)


@app.command("add")
def add_tools(
    name: str,
    component: Components = None,
    plugin: Plugins = None,
    flow: Flows = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Offer more tools."""
    client = connect(url, token)
    tools = client.get(f"/mcp-servers/{name}")["tools"] + _tools(component, plugin, flow)
    _show(client.patch(f"/mcp-servers/{name}", {"tools": tools}), as_json=as_json)


@app.command("drop")
def drop_tools(
    name: str, tool: list[str], url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Offer tools no longer, by their names."""
    client = connect(url, token)
    tools = client.get(f"/mcp-servers/{name}")["tools"]
    unknown = sorted(set(tool) - {each["name"] for each in tools})
    if unknown:
        fail(f"{name} has no tool {', '.join(unknown)}")
    left = [each for each in tools if each["name"] not in tool]
    _show(client.patch(f"/mcp-servers/{name}", {"tools": left}), as_json=as_json)


@app.command("remove")
def remove_server(name: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Remove an MCP server."""
    connect(url, token).delete(f"/mcp-servers/{name}")
    typer.echo(f"{name} is removed")


def _tools(
    components: list[str] | None, plugins: list[str] | None, flows: list[str] | None
) -> list[dict[str, str | None]]:
    tools: list[dict[str, str | None]] = [{"kind": "component", "target": each} for each in components or ()]
    tools += [{"kind": "plugin", "target": each} for each in plugins or ()]
    for each in flows or ():
        target, _, name = each.partition("=")
        tools.append({"kind": "flow", "target": target, "name": name or None})
    return tools


def _show(server: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(server)
        return
    state = "" if server["enabled"] else " (off)"
    typer.echo(f"{server['name']}: {len(server['tools'])} tools at {server['url']}{state}")
