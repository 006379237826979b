"""`trunkline mini-app`: flows as apps with an address of their own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_object
from trunkline.cli.flow import InputOption, InputsOption, PlaceOption, TaskNameOption, given_inputs, in_project
from trunkline.cli.watch import follow

app = typer.Typer(no_args_is_help=True, help="Publish flows as apps with addresses of their own, and use them.")

AppCode = Annotated[str, typer.Argument(metavar="APP", help="Code of the app, as it stands in its address")]
SettingsFile = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, help="Its settings, as JSON or YAML: name, text, fixed, open_to_all …"),
]


@app.command("list")
def list_mini_apps(
    project: Annotated[str, typer.Argument(help="Project, by code or id [default: all that you may open]")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the apps of a project, or those that you may open."""
    path = f"/projects/{project}/mini-apps" if project else "/mini-apps"
    found = list(connect(url, token).items(path))
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['code']}\t{each['name']}" + (f"\t{_standing(each)}" if project else ""))


@app.command("show")
def show_mini_app(app_code: AppCode, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show an app's settings."""
    _show(connect(url, token).get(f"/mini-apps/{app_code}"), as_json=as_json)


@app.command("create")
def create_mini_app(
    flow: str,
    app_code: AppCode,
    file: SettingsFile,
    project: PlaceOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Publish a flow as an app."""
    body = {**read_object(file), "code": app_code}
    _show(connect(url, token).post(f"/flows/{flow}/mini-apps{in_project(project)}", body), as_json=as_json)


@app.command("change")
def change_mini_app(
    app_code: AppCode, file: SettingsFile, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Replace an app's settings as a whole."""
    api = connect(url, token)
    settings = {"version": api.get(f"/mini-apps/{app_code}")["version"], **read_object(file)}
    _show(api.put(f"/mini-apps/{app_code}", settings), as_json=as_json)


@app.command("delete")
def delete_mini_app(app_code: AppCode, url: UrlOption = "", token: TokenOption = "") -> None:
    """Delete an app; its tasks stay."""
    connect(url, token).delete(f"/mini-apps/{app_code}")
    typer.echo(f"App {app_code} is deleted")


@app.command("run")
def run_mini_app(
    app_code: AppCode,
    given: InputOption = None,
    inputs: InputsOption = None,
    name: TaskNameOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Start a task of an app and follow it to its end; exit code 1 unless it finishes."""
    api = connect(url, token)
    page = api.get(f"/mini-apps/{app_code}/page")
    body = {
        "inputs": given_inputs(page["form"]["schema"], given or [], inputs),
        "name": name or None,
        "revision": page["revision"],
    }
    follow(api, api.post(f"/mini-apps/{app_code}/tasks", body)["id"], as_json=as_json)


@app.command("tasks")
def list_app_tasks(
    app_code: AppCode,
    everybodys: Annotated[bool, typer.Option("--all", help="Everybody's, for who may see the flow's tasks")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List your tasks of an app, the newest first."""
    query = {"everybodys": "true"} if everybodys else {}
    found = list(connect(url, token).items(f"/mini-apps/{app_code}/tasks", **query))
    if as_json:
        print_json(found)
        return
    for task in found:
        typer.echo(f"{task['id']}\t{task['state']}\t{task['created_by']}\t{task['name']}")


def _show(mini_app: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(mini_app)
        return
    typer.echo(f"{mini_app['code']}\t{mini_app['name']}\t{_standing(mini_app)}\t/apps/{mini_app['code']}")


def _standing(mini_app: Any) -> str:
    revision = f"revision {mini_app['revision']}" if mini_app["revision"] else "latest revision"
    who = "open to all" if mini_app["open_to_all"] else "by role"
    return f"{revision}\t{'on' if mini_app['enabled'] else 'off'}\t{who}"
