"""`trunkline archive`: tasks that ended long ago."""

from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="Read archived tasks, and say when tasks are archived.")

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


@app.command("keep")
def keep_tasks(
    project: Project,
    days: Annotated[int | None, typer.Option(min=0, help="After their end; 0 for ever")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Show, or say, how long a project's tasks stay as they are."""
    client, path = connect(url, token), f"/projects/{project}/task-retention"
    kept = client.get(path) if days is None else client.put(path, {"days": days or None})
    typer.echo(f"{kept['days']} days" if kept["days"] else "for ever")
