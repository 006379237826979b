"""`trunkline deputy`: who decides on a system's grants in its owner's place, for a time."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="Have others decide on a system's grants for a time.")


@app.command("list")
def list_deputies(system: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List a system's deputies: of now, to come, and of before."""
    _show(list(connect(url, token).items(f"/systems/{system}/deputies")), as_json=as_json)


@app.command("name")
def name_deputy(
    system: str,
    username: str,
    until: Annotated[str, typer.Option(help="When it ends, e.g. 2027-01-10T00:00:00Z")],
    since: Annotated[str | None, typer.Option("--from", help="When it begins; now when left out")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Name a deputy, or change for how long he is one."""
    body = {"ends_at": until} | ({"starts_at": since} if since is not None else {})
    _show([connect(url, token).put(f"/systems/{system}/deputies/{username}", body)], as_json=as_json)


@app.command("dismiss")
def dismiss_deputy(system: str, username: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """End it at once."""
    connect(url, token).delete(f"/systems/{system}/deputies/{username}")
    typer.echo(f"{username} is no deputy for {system} any more")


def _show(found: list[Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['username']}\t{each['starts_at']}\t{each['ends_at']}\tnamed by {each['named_by']}")
