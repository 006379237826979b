"""`trunkline request`: tasks that are asked for by some and run by others."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_object
from trunkline.cli.flow import InputOption, InputsOption, TaskNameOption, given_inputs

app = typer.Typer(no_args_is_help=True, help="Ask for tasks that operators run, and run what was asked for.")

StateOption = Annotated[
    list[str] | None, typer.Option(help="submitted, claimed, started, rejected, withdrawn or expired; may be repeated")
]


@app.command("list")
def list_requests(
    project: Annotated[str, typer.Argument(help="Project, by code or id [default: your own requests]")] = "",
    state: StateOption = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List what was asked for in a project, or what you asked for, the newest first."""
    path = f"/projects/{project}/task-requests" if project else "/task-requests"
    found = list(connect(url, token).items(path, state=state))
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(_line(each))


@app.command("submit")
def submit_request(
    flow: str,
    given: InputOption = None,
    inputs: InputsOption = None,
    name: TaskNameOption = "",
    note: Annotated[str, typer.Option(help="For whoever runs it")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask for a task of a flow."""
    api = connect(url, token)
    schema = api.get(f"/flows/{flow}/request-form")["form"]["schema"]
    body = {"inputs": given_inputs(schema, given or [], inputs), "name": name or None, "note": note}
    _show(api.post(f"/flows/{flow}/task-requests", body), as_json=as_json)


@app.command("show")
def show_request(request: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show a request, with what was changed of it and what became of it."""
    _show(connect(url, token).get(f"/task-requests/{request}"), as_json=as_json)


@app.command("claim")
def claim_request(request: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Make a request yours to run, for eight hours."""
    _show(connect(url, token).post(f"/task-requests/{request}:claim"), as_json=as_json)


@app.command("release")
def release_request(request: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Let others claim it."""
    _show(connect(url, token).post(f"/task-requests/{request}:release"), as_json=as_json)


@app.command("adjust")
def adjust_request(
    request: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="All inputs, as JSON or YAML")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give a request that you claimed other inputs than were asked for."""
    body = {"inputs": read_object(file)}
    _show(connect(url, token).put(f"/task-requests/{request}/inputs", body), as_json=as_json)


@app.command("start")
def start_request(
    request: str,
    secrets: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File with what the form takes as secrets")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run a request that you claimed."""
    body = {"secrets": {} if secrets is None else read_object(secrets)}
    _show(connect(url, token).post(f"/task-requests/{request}:start", body), as_json=as_json)


@app.command("reject")
def reject_request(
    request: str,
    reason: Annotated[str, typer.Option("--comment", help="Why; who asked reads it")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Reject a request."""
    _show(connect(url, token).post(f"/task-requests/{request}:reject", {"reason": reason}), as_json=as_json)


@app.command("withdraw")
def withdraw_request(request: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Take back a request of yours that nobody has started."""
    _show(connect(url, token).post(f"/task-requests/{request}:withdraw"), as_json=as_json)


def _line(request: Any) -> str:
    who = f"{request['requester']}" + (f" -> {request['claimed_by']}" if request["claimed_by"] else "")
    return f"{request['id']}\t{request['state']}\t{who}\t{request['task_id'] or '-'}\t{request['name']}"


def _show(request: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(request)
        return
    typer.echo(_line(request))
    for change in request["changes"]:
        typer.echo(f"  {change['name']}: {change['before']} -> {change['after']}")
    if request["reason"]:
        typer.echo(f"  {request['reason']}")
