"""`trunkline task`: start, follow and operate tasks."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.files import read_object
from trunkline.cli.flow import (
    InputOption,
    InputsOption,
    LaunchWords,
    LeaveOutOption,
    SchemeOption,
    TaskNameOption,
    launch,
)
from trunkline.cli.pairs import named_values
from trunkline.cli.watch import follow

app = typer.Typer(no_args_is_help=True, help="Start, follow and operate tasks.")

FlowOption = Annotated[str | None, typer.Option(help="Only of this flow")]
ByOption = Annotated[str | None, typer.Option(help="Only those this person launched")]
OriginOption = Annotated[
    str | None, typer.Option(help="manual, schedule, trigger, mini_app, request, mock, rerun, agent or standard_ops")
]


@app.command("start")
def start_task(
    flow: str,
    given: InputOption = None,
    inputs: InputsOption = None,
    name: TaskNameOption = "",
    leave_out: LeaveOutOption = None,
    scheme: SchemeOption = None,
    hold: Annotated[bool, typer.Option("--hold", help="Make it, and leave it to `task begin`")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Launch a task of a flow's latest revision."""
    words = LaunchWords(name, tuple(leave_out or ()), tuple(scheme or ()), hold)
    _show(launch(connect(url, token), flow, given or [], inputs, words), as_json=as_json)


@app.command("begin")
def begin_task(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Start a task that was held."""
    _show(connect(url, token).post(f"/tasks/{task}:start"), as_json=as_json)


@app.command("list")
def list_tasks(
    project: str,
    state: Annotated[str | None, typer.Option(help="CREATED, RUNNING, SUSPENDED, FAILED, FINISHED or REVOKED")] = None,
    flow: FlowOption = None,
    by: ByOption = None,
    origin: OriginOption = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List a project's tasks, the newest first."""
    narrowed = {"state": state, "flow": flow, "created_by": by, "origin": origin}
    tasks = connect(url, token).get(f"/projects/{project}/tasks", **narrowed, limit=limit)["items"]
    if as_json:
        print_json(tasks)
        return
    for task in tasks:
        typer.echo(f"{task['id']}\t{task['state']:<9}\t{task['created_at']}\t{task['created_by']}\t{task['name']}")


@app.command("watch")
def watch_task(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Print each node as it finishes; exit code 1 unless the task finishes."""
    follow(connect(url, token), task, as_json=as_json)


@app.command("pause")
def pause_task(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Let nodes under way finish and begin no further one."""
    _show(connect(url, token).post(f"/tasks/{task}:pause"), as_json=as_json)


@app.command("resume")
def resume_task(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Go on with a paused task."""
    _show(connect(url, token).post(f"/tasks/{task}:resume"), as_json=as_json)


@app.command("revoke")
def revoke_task(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """End a task for good."""
    _show(connect(url, token).post(f"/tasks/{task}:revoke"), as_json=as_json)


@app.command("cancellations")
def list_cancellations(task: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Say which plugins were told that nobody waits for them any more; exit code 1 when one was not reached."""
    found = connect(url, token).get(f"/tasks/{task}/cancellations")["items"]
    if as_json:
        print_json(found)
    for told in found if not as_json else ():
        typer.echo(f"{told['node_id']}\t{told['state']}\t{told['reason']}")
    if any(told["state"] == "not_reached" for told in found):
        raise typer.Exit(1)


@app.command("bulk")
def operate_tasks(
    operation: Annotated[str, typer.Argument(help="pause, resume, revoke, retry or force_fail")],
    tasks: Annotated[list[str] | None, typer.Argument(help="Ids; without them, those of --project that fit")] = None,
    project: Annotated[str, typer.Option(help="The newest 200 of its tasks that fit")] = "",
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may be repeated")] = None,
    flow: FlowOption = None,
    by: ByOption = None,
    origin: OriginOption = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Do one thing to many tasks; exit code 1 when any of them refused."""
    if bool(tasks) == bool(project):
        fail("Name tasks, or a --project whose tasks are meant", code=2)
    given = {"project": project, "state": state, "flow": flow, "created_by": by, "origin": origin}
    narrowed = {name: value for name, value in given.items() if value}
    body = {"operation": operation} | ({"tasks": tasks} if tasks else {"filter": narrowed})
    answer = connect(url, token).post("/tasks:operate", body)
    if as_json:
        print_json(answer)
    else:
        for each in answer["items"]:
            typer.echo(f"{each['task_id']}\t{each['outcome']}\t{each['reason'] or ', '.join(each['nodes'])}")
        if answer["more"]:
            typer.echo("Others fit; repeat it", err=True)
    if any(each["outcome"] == "refused" for each in answer["items"]):
        raise typer.Exit(1)


@app.command("retry")
def retry_node(
    task: str,
    node: str,
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="NAME=JSON", help="Another value; may be repeated")
    ] = None,
    inputs: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File with changed inputs")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run a failed node again, with other inputs where given."""
    changed: dict[str, Any] = ({} if inputs is None else read_object(inputs)) | _values(given)
    answer = connect(url, token).post(f"/tasks/{task}/nodes/{node}:retry", {"inputs": changed} if changed else {})
    _show_node(answer, as_json=as_json)


@app.command("rerun")
def rerun_task(
    task: str,
    node: str,
    revision: Annotated[int | None, typer.Option(min=1, help="A corrected one; that of the task when left out")] = None,
    inputs: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File with other inputs")] = None,
    name: TaskNameOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Start a task that begins at a node of an earlier one, or of a subflow in it, with what came before it."""
    given = {"revision": revision, "name": name or None, "inputs": None if inputs is None else read_object(inputs)}
    body = {"node": node} | {key: value for key, value in given.items() if value is not None}
    _show(connect(url, token).post(f"/tasks/{task}:rerun", body), as_json=as_json)


@app.command("skip")
def skip_node(task: str, node: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Go on behind a failed node."""
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:skip"), as_json=as_json)


@app.command("force-fail")
def force_fail_node(
    task: str, node: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Take a node under way for failed, whatever its plugin says later."""
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:force-fail"), as_json=as_json)


@app.command("choose")
def choose_edges(
    task: str,
    node: str,
    edges: Annotated[list[str], typer.Argument(help="Ids of the edges to go over")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide where a failed exclusive or inclusive node goes on."""
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:choose", {"edges": edges}), as_json=as_json)


@app.command("pause-node")
def pause_node(task: str, node: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Have a node held when it is reached."""
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:pause"), as_json=as_json)


@app.command("resume-node")
def resume_node(
    task: str, node: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Let a node begin that is held, or that is to be."""
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:resume"), as_json=as_json)


@app.command("decide")
def decide_node(
    task: str,
    node: str,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse instead of approving")] = False,
    comment: Annotated[str, typer.Option(help="What is to be remembered of the decision")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="NAME=JSON", help="A field of the node's form")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Confirm, approve or refuse what a node asks."""
    body = {"approved": not refuse, "comment": comment, "data": _values(given)}
    _show_node(connect(url, token).post(f"/tasks/{task}/nodes/{node}:decide", body), as_json=as_json)


@app.command("signal")
def signal_node(
    task: str,
    node: str,
    data: Annotated[str, typer.Option(help="What is sent, as JSON")] = "null",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Send a node what it waits for."""
    answer = connect(url, token).post(f"/tasks/{task}/nodes/{node}:signal", {"data": _value(data)})
    _show_node(answer, as_json=as_json)


@app.command("change-inputs")
def change_inputs(
    task: str,
    given: Annotated[
        list[str], typer.Option("--input", "-i", metavar="NAME=JSON", help="Another value; may be repeated")
    ],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Change inputs of a task for the nodes that begin from now on."""
    answer = connect(url, token).post(f"/tasks/{task}:change-inputs", {"inputs": _values(given)})
    _show(answer, as_json=as_json)


def _values(given: list[str] | None) -> dict[str, Any]:
    return {name: _value(text) for name, text in named_values(given or ()).items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _show(task: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(task)
        return
    typer.echo(f"{task['id']}\t{task['state']}\t{task['name']}")


def _show_node(node: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(node)
        return
    typer.echo(f"{node['node_id']}\t{node['state']}\tattempt {node['attempt']}")
