"""`trunkline trigger`: tasks that start when something happens."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_document, read_object
from trunkline.cli.flow import PlaceOption, in_project

app = typer.Typer(no_args_is_help=True, help="Have tasks start when something happens.")


@app.command("list")
def list_triggers(project: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the triggers of a project."""
    triggers = list(connect(url, token).items(f"/projects/{project}/triggers"))
    if as_json:
        print_json(triggers)
        return
    for trigger in triggers:
        typer.echo(_line(trigger))


@app.command("create")
def create_trigger(
    flow: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The trigger, as JSON or YAML")],
    project: PlaceOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have tasks of a flow start on changes of the inventory, or when an address is called."""
    made = connect(url, token).post(f"/flows/{flow}/triggers{in_project(project)}", read_object(file))
    _show_made(made, as_json=as_json)


@app.command("try")
def try_trigger(
    flow: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The trigger, as JSON or YAML")],
    sample: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What comes, as JSON or YAML")],
    project: PlaceOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what a trigger would make of a sample; exit code 1 when nothing would come of it."""
    body = {"trigger": read_object(file), "sample": read_document(sample)}
    tried = connect(url, token).post(f"/flows/{flow}/triggers:try{in_project(project)}", body)
    if as_json:
        print_json(tried)
    else:
        typer.echo("let through" if tried["passes"] else "not let through")
        if tried["inputs"] is not None:
            print_json(tried["inputs"])
        for problem in tried["problems"]:
            typer.echo(f"  {problem['field']}: {problem['problem']}", err=True)
    raise typer.Exit(0 if tried["passes"] and not tried["problems"] else 1)


@app.command("runs")
def list_runs(trigger: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List what came for a trigger and what was made of it, the newest first."""
    runs = list(connect(url, token).items(f"/triggers/{trigger}/runs"))
    if as_json:
        print_json(runs)
        return
    for run in runs:
        typer.echo(f"{run['at']}\t{run['outcome']}\t{run['task_id'] or run['reason']}")


@app.command("enable")
def enable_trigger(trigger: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Switch a trigger on; it hears of what happens from then on."""
    _show(connect(url, token).post(f"/triggers/{trigger}:enable"), as_json=as_json)


@app.command("disable")
def disable_trigger(trigger: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Switch a trigger off."""
    _show(connect(url, token).post(f"/triggers/{trigger}:disable"), as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(trigger: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Give a webhook a new secret; the old one is worth nothing from then on."""
    _show_made(connect(url, token).post(f"/triggers/{trigger}:rotate-secret"), as_json=as_json)


@app.command("delete")
def delete_trigger(trigger: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Delete a trigger with its history; its tasks stay."""
    connect(url, token).delete(f"/triggers/{trigger}")
    typer.echo(f"Trigger {trigger} is deleted")


def _line(trigger: Any) -> str:
    what = trigger["address"] or f"{trigger['resource']} {','.join(trigger['event_types']) or 'any change'}"
    return f"{trigger['id']}\t{what}\t{'on' if trigger['enabled'] else 'off'}\t{trigger['owner']}\t{trigger['name']}"


def _show(trigger: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(trigger)
        return
    typer.echo(_line(trigger))
    if trigger["problem"]:
        typer.echo(f"  {trigger['problem']}", err=True)


def _show_made(made: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    typer.echo(_line(made["trigger"]))
    if made["secret"]:
        typer.echo(f"  secret, shown this once: {made['secret']}")
