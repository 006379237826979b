"""`trunkline app`: apps and their secrets."""

from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.commands import loaded_later

_LATER = {"oauth": "oauth:set_oauth"}
apps = typer.Typer(cls=loaded_later(_LATER), no_args_is_help=True, help="Create apps and their secrets.")


@apps.command("create")
def create_app(
    app_code: str,
    name: Annotated[str, typer.Option(help="Name people read")] = "",
    may_sign: Annotated[bool, typer.Option(help="Its secrets can make a bk_signature")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Create an app; its secret is shown once."""
    body = {"app_code": app_code, "name": name or app_code, "description": "", "may_sign": may_sign}
    answer = connect(url, token).post("/apps", body)
    if as_json:
        print_json(answer)
        return
    typer.echo(f"app_code    {answer['app_code']}\napp_secret  {answer['app_secret']}\nThe secret is not shown again.")


@apps.command("change")
def change_app(
    app_code: str,
    name: Annotated[str | None, typer.Option(help="Name people read")] = None,
    may_sign: Annotated[bool | None, typer.Option(help="Secrets made from now on can make a bk_signature")] = None,
    may_name_user: Annotated[bool | None, typer.Option(help="What it says in bk_username is believed")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Change an app; what is left out stays."""
    wanted = {"name": name, "may_sign": may_sign, "may_name_user": may_name_user}
    body = {member: value for member, value in wanted.items() if value is not None}
    answer = connect(url, token).patch(f"/apps/{app_code}", body)
    if as_json:
        print_json(answer)
        return
    may = [said for member, said in (("may_sign", "signs"), ("may_name_user", "names its users")) if answer[member]]
    typer.echo(f"{answer['app_code']}\t{answer['name']}\t{', '.join(may)}")


@apps.command("show")
def show_app(app_code: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show an app and its secrets, of which only the names are known."""
    client = connect(url, token)
    found = client.get(f"/apps/{app_code}")
    secrets = list(client.items(f"/apps/{app_code}/secrets"))
    if as_json:
        print_json({**found, "secrets": secrets})
        return
    typer.echo(f"{found['app_code']}\t{found['name']}\t{found['description']}")
    for secret in secrets:
        typer.echo(f"  secret {secret['id']}\tsince {secret['created_at']}")


@apps.command("add-secret")
def add_secret(app_code: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Give an app another secret, shown once; the old ones hold until they are deleted."""
    answer = connect(url, token).post(f"/apps/{app_code}/secrets")
    if as_json:
        print_json(answer)
        return
    typer.echo(f"id          {answer['id']}\napp_secret  {answer['app_secret']}\nThe secret is not shown again.")


@apps.command("delete-secret")
def delete_secret(app_code: str, secret: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Delete a secret of an app; calls with it are refused within a second."""
    connect(url, token).delete(f"/apps/{app_code}/secrets/{secret}")
    typer.echo(f"Secret {secret} of {app_code} is deleted")


@apps.command("exchanger")
def allow_exchanger(
    app_code: str,
    exchanger: str,
    remove: Annotated[bool, typer.Option("--remove", help="Take the right away")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Let another app exchange tokens of an app, to act on its behalf."""
    client, path = connect(url, token), f"/apps/{app_code}/oauth/exchangers/{exchanger}"
    if remove:
        client.delete(path)
    else:
        client.put(path, {})
    typer.echo(f"{exchanger} {'may no longer' if remove else 'may'} exchange tokens of {app_code}")


@apps.command("list")
def list_apps(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List apps."""
    found = list(connect(url, token).items("/apps"))
    if as_json:
        print_json(found)
        return
    for app in found:
        typer.echo(f"{app['app_code']}\t{app['name']}")
