"""`trunkline user`: people's accounts, their platform roles, their sessions."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.commands import loaded_later

_LATER = {"make-admin": "recovery:make_admin"}
app = typer.Typer(cls=loaded_later(_LATER), no_args_is_help=True, help="People: accounts, platform roles, sessions.")

TemporaryOption = Annotated[
    bool, typer.Option("--temporary", help="A password that has to be changed, instead of a link to set one")
]


@app.command("list")
def list_users(
    search: Annotated[str | None, typer.Argument(help="Part of the user name, the name or the address")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List people."""
    found = list(connect(url, token).items("/users", search=search))
    if as_json:
        print_json(found)
        return
    for user in found:
        marks = [said for member, said in (("is_admin", "administrator"),) if user[member]]
        marks += [] if user["is_active"] else ["disabled"]
        typer.echo(f"{user['username']}\t{user['display_name']}\t{', '.join(marks)}")


@app.command("create")
def create_user(
    username: str,
    name: Annotated[str, typer.Option(help="Name people read")] = "",
    email: Annotated[str, typer.Option()] = "",
    admin: Annotated[bool, typer.Option(help="Administers the platform")] = False,
    language: Annotated[str | None, typer.Option(help="en or zh; left out, his browser's")] = None,
    temporary: TemporaryOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Create an account; what is printed lets the person in."""
    client = connect(url, token)
    body = {"username": username, "display_name": name, "email": email, "is_admin": admin, "language": language}
    client.post("/users", body)
    _reset(client.post(f"/users/{username}:reset-password", _by(temporary=temporary)), as_json=as_json)


@app.command("disable")
def disable_user(username: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Keep a person out at once; his sessions and API tokens are gone."""
    connect(url, token).post(f"/users/{username}:disable")
    typer.echo(f"{username} is disabled")


@app.command("enable")
def enable_user(username: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Let a person in again."""
    connect(url, token).post(f"/users/{username}:enable")
    typer.echo(f"{username} is enabled")


@app.command("reset-password")
def reset_password(
    username: str,
    temporary: TemporaryOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print a link by which a person sets his password once, or a temporary password."""
    _reset(connect(url, token).post(f"/users/{username}:reset-password", _by(temporary=temporary)), as_json=as_json)


@app.command("sessions")
def list_sessions(
    username: str,
    end: Annotated[bool, typer.Option("--end", help="End them all")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show where a person is signed in."""
    client = connect(url, token)
    if end:
        typer.echo(f"{client.delete(f'/users/{username}/sessions')['ended']} ended")
        return
    found = list(client.items(f"/users/{username}/sessions"))
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['id']}\t{each['last_seen_at']}\t{each['ip'] or ''}\t{each['method']}\t{each['agent']}")


@app.command("roles")
def show_roles(
    resource: Annotated[str, typer.Argument(help="platform, or e.g. project:ID, system:NAME, flow:ID")] = "platform",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show who holds which roles on something, and where each comes from."""
    answer = connect(url, token).get("/roles", resource=resource)
    if as_json:
        print_json(answer)
        return
    for person in answer["items"]:
        typer.echo(f"{person['username']}\t{', '.join(_said(role) for role in person['roles'])}")


@app.command("set-roles")
def set_roles(
    username: str,
    roles: Annotated[list[str] | None, typer.Argument(help="None takes them all away")] = None,
    on: Annotated[str, typer.Option(help="platform, or e.g. project:ID, system:NAME, flow:ID")] = "platform",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make these the roles that a person holds by hand."""
    answer = connect(url, token).put(f"/roles?resource={on}", {"username": username, "roles": roles or []})
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{username}\t{', '.join(_said(role) for role in answer['roles']) or 'no roles'}")


def _by(*, temporary: bool) -> dict[str, str]:
    return {"by": "temporary" if temporary else "link"}


def _reset(answer: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    elif answer["password"] is not None:
        typer.echo(f"username  {answer['username']}\npassword  {answer['password']}\nIt has to be changed at sign-in.")
    else:
        typer.echo(f"{answer['url']}\nOpens once, until {answer['expires_at']}. Hand it to {answer['username']} alone.")


def _said(role: Any) -> str:
    origins = {
        "given": f"by {role['given_by']}" if role["given_by"] else "by hand",
        "cmdb": "from the CMDB",
        "identity-provider": f"from {role['provider']}",
    }
    return f"{role['role']} ({origins[role['origin']]})"
