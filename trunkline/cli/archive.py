"""`trunkline archive`: tasks that ended long ago."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_object

app = typer.Typer(no_args_is_help=True, help="Read archived tasks, run them anew, say when tasks are archived.")

Project = Annotated[str, typer.Argument(help="Project, by code or id")]


@app.command("list")
def list_archived(project: Project, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List a project's archived tasks, the newest first."""
    items = connect(url, token).items(f"/projects/{project}/archived-tasks")
    if as_json:
        print_json(list(items))
        return
    for task in items:
        typer.echo(f"{task['id']}\t{task['state']}\t{task['finished_at']}\t{task['name']}")


@app.command("show")
def show_archived(
    task: Annotated[str, typer.Argument(help="Task")], url: UrlOption = "", token: TokenOption = ""
) -> None:
    """Print everything that was kept of a task, as JSON."""
    print_json(connect(url, token).get(f"/archived-tasks/{task}"))


@app.command("rerun")
def rerun_archived(
    task: Annotated[str, typer.Argument(help="Task")],
    revision: Annotated[int | None, typer.Option(min=1, help="Of the flow [default: the one it ran]")] = None,
    inputs: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File with other inputs, JSON or YAML")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the new task [default: the old one's]")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Start a new task from the beginning, with the inputs an archived one had."""
    given = {"revision": revision, "name": name or None, "inputs": None if inputs is None else read_object(inputs)}
    body = {member: value for member, value in given.items() if value is not None}
    made = connect(url, token).post(f"/archived-tasks/{task}:rerun", body)
    if as_json:
        print_json(made)
        return
    typer.echo(f"{made['id']}\t{made['state']}\t{made['name']}")


@app.command("keep")
def keep_tasks(
    project: Project,
    days: Annotated[int | None, typer.Option(min=0, help="After their end; 0 for ever")] = None,
    archive_days: Annotated[int | None, typer.Option(min=0, help="In the archive after that; 0 for ever")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Have the platform's settings hold again")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show, or say, how long a project's tasks stay as they are, and how long in the archive."""
    client, path = connect(url, token), f"/projects/{project}/task-retention"
    if reset:
        kept = client.delete(path)
    else:
        kept = client.get(path)
        said = {"days": days, "archive_days": archive_days}
        if any(value is not None for value in said.values()):
            now = {member: kept[member] for member in said}
            kept = client.put(path, now | {name: value or None for name, value in said.items() if value is not None})
    if as_json:
        print_json(kept)
        return
    typer.echo(f"as they are\t{_length(kept['days'])}")
    typer.echo(f"in the archive\t{_length(kept['archive_days'])}")


def _length(days: int | None) -> str:
    return f"{days} days" if days else "for ever"
