"""`trunkline variable`: named values of a project, which all of its flows may use."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.flow_uses import flow_use_line

app = typer.Typer(
    no_args_is_help=True,
    help="Named values of a project, which all of its flows may use. What nobody may see: secret --project.",
)

ProjectArgument = Annotated[str, typer.Argument(help="Project, by code or id")]
ForceOption = Annotated[bool, typer.Option("--force", help="Though flows use it")]


@app.command("list")
def list_variables(
    project: ProjectArgument, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """List the variables of a project."""
    found = connect(url, token).get(f"/projects/{project}/variables")["items"]
    if as_json:
        print_json(found)
        return
    for each in found:
        value = json.dumps(each["value"], ensure_ascii=False)
        typer.echo(f"{each['name']}\t{each['kind']}\t{value}\t{each['title']}".rstrip())


@app.command("set")
def set_variable(
    project: ProjectArgument,
    name: str,
    value: Annotated[str, typer.Argument(help="A text; with --value-json a value in JSON")],
    value_json: Annotated[bool, typer.Option("--value-json", help="VALUE is JSON: 3, true, [1, 2]")] = False,
    title: Annotated[str | None, typer.Option(help="What people call it [default: as it is]")] = None,
    description: Annotated[str | None, typer.Option(help="[default: as it is]")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Keep a value under a name; tasks launched from now on have it."""
    api = connect(url, token)
    place = f"/projects/{project}/variables"
    before = next((each for each in api.get(place)["items"] if each["name"] == name), None)
    body = {
        "name": name,
        "value": _read(value) if value_json else value,
        "title": _or(title, before, "title"),
        "description": _or(description, before, "description"),
    }
    if before is None:
        kept = api.post(place, body)
    else:
        kept = api.put(f"{place}/{quote(name, safe='')}", {**body, "version": before["version"]})
    if as_json:
        print_json(kept)
    else:
        typer.echo(f"{name} of {project} is kept (version {kept['version']})")


@app.command("uses")
def list_uses(
    project: ProjectArgument, name: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """List the flows that use a variable, and where."""
    found = connect(url, token).get(f"/projects/{project}/variables/{quote(name, safe='')}/uses")["items"]
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(flow_use_line(each))


@app.command("remove")
def remove_variable(
    project: ProjectArgument,
    name: str,
    force: ForceOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Remove a variable. One that flows use stays, unless it is forced: they can't be launched then."""
    query = "?force=true" if force else ""
    connect(url, token).delete(f"/projects/{project}/variables/{quote(name, safe='')}{query}")
    typer.echo(f"{name} of {project} is removed")


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        fail(f"VALUE is no JSON: {error}", code=2)


def _or(given: str | None, before: Any, member: str) -> str:
    if given is not None:
        return given
    return str(before[member]) if before is not None else ""
