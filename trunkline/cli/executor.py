"""`trunkline executor`: in whose name nodes call, and one's own consents to that."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="See and say in whose name nodes call; consent to be acted for.")

ProjectArgument = Annotated[str, typer.Argument(help="Project, by code or id")]


@app.command("show")
def show_executor(
    project: ProjectArgument, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Show in whose name a project's tasks call where their flows name nobody."""
    _show(connect(url, token).get(f"/projects/{project}/executor"), as_json=as_json)


@app.command("set")
def set_executor(
    project: ProjectArgument,
    username: Annotated[str, typer.Argument(help="The person [default: whoever launches]")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Name that person; it has effect as far as the person consents."""
    named = connect(url, token).put(f"/projects/{project}/executor", {"username": username})
    _show(named, as_json=as_json)


@app.command("requests")
def list_requests(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List what names you as executor."""
    requests = connect(url, token).get("/executor-requests")["items"]
    if as_json:
        print_json(requests)
        return
    for each in requests:
        flow = f"{each['flow_id']} {each['flow_name']} revision {each['latest_revision']}" if each["flow_id"] else "-"
        typer.echo(f"{each['project_code']}\t{flow}\t{each['lack'] or 'consented'}\t{' '.join(each['scopes'])}")


@app.command("consents")
def list_consents(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List what you have consented to."""
    consents = connect(url, token).get("/executor-consents")["items"]
    if as_json:
        print_json(consents)
        return
    for each in consents:
        typer.echo(_line(each))


@app.command("consent")
def give_consent(
    project: ProjectArgument,
    flow: Annotated[str, typer.Option(help="Id of the flow [default: whatever the project runs]")] = "",
    revision: Annotated[int | None, typer.Option(min=1, help="This revision alone [default: every one]")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What may be called; may be repeated")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it holds")] = 90,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let nodes of a flow, or of all of a project's tasks, call in your name."""
    body = {"project": project, "flow": flow or None, "revision": revision, "scopes": scope or [], "days": days}
    given = connect(url, token).post("/executor-consents", body)
    if as_json:
        print_json(given)
    else:
        typer.echo(_line(given))


@app.command("revoke")
def revoke_consent(consent: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Take a consent back: the next call that needs it fails already."""
    connect(url, token).delete(f"/executor-consents/{consent}")
    typer.echo(f"{consent} revoked")


def _show(named: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(named)
        return
    who = named["username"] or "whoever launches"
    typer.echo(f"{who}\t{named['lack'] or 'consented'}" if named["username"] else who)


def _line(consent: Any) -> str:
    revision = "every revision" if consent["revision"] is None else f"revision {consent['revision']}"
    place = f"{consent['flow_name']} {revision}" if consent["flow_id"] else "all tasks"
    until = f"revoked {consent['revoked_at']}" if consent["revoked_at"] else f"until {consent['expires_at']}"
    return f"{consent['id']}\t{consent['project_code']}\t{place}\t{until}\t{' '.join(consent['scopes'])}"
