"""`trunkline plugin mirror`: following the catalogue of another installation."""

import os
import time
from typing import Annotated, Any

import typer

from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json

app = typer.Typer(no_args_is_help=True, help="Follow the catalogue of another installation.")

_TOKEN_VARIABLE = "TRUNKLINE_MIRROR_TOKEN"  # noqa: S105  the name of a variable
_POLL_SECONDS = 0.5

Name = Annotated[str, typer.Argument(help="What the mirror is called here")]


@app.command("list")
def list_mirrors(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List mirrors, and when each was followed last."""
    found = connect(url, token).get("/plugin-mirrors")["items"]
    if as_json:
        print_json(found)
        return
    for mirror in found:
        typer.echo(_line(mirror))


@app.command("set")
def set_mirror(
    name: Name,
    source: Annotated[str, typer.Option("--from", help="Address of the other installation")],
    publisher: Annotated[list[str] | None, typer.Option(help="Follow only this one; may be repeated")] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="Follow only codes like this; may be repeated")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Follow only this channel; may be repeated")] = None,
    every: Annotated[int, typer.Option(help="Minutes between rounds")] = 60,
    off: Annotated[bool, typer.Option("--off", help="Keep it, and follow it no more")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Follow another installation; TRUNKLINE_MIRROR_TOKEN holds an API token of it, where it isn't known already."""
    body: dict[str, Any] = {
        "url": source,
        "publishers": publisher or [],
        "plugins": plugin or [],
        "channels": channel or [],
        "every_minutes": every,
        "enabled": not off,
    }
    if _TOKEN_VARIABLE in os.environ:
        body["token"] = os.environ[_TOKEN_VARIABLE] or None
    mirror = connect(url, token).put(f"/plugin-mirrors/{name}", body)
    if as_json:
        print_json(mirror)
        return
    typer.echo(_line(mirror))


@app.command("sync")
def sync_mirror(
    name: Name,
    seconds: Annotated[int, typer.Option("--wait", help="Seconds to wait for the end of the round")] = 600,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Follow it at once, and try again what was refused; exit code 1 when it can't be followed."""
    client = connect(url, token)
    before = client.post(f"/plugin-mirrors/{name}:sync")["last_round_at"]
    mirror = _after_round(client, name, before, seconds)
    if as_json:
        print_json(mirror)
    else:
        typer.echo(_line(mirror))
    if mirror["problem"]:
        raise typer.Exit(1)


@app.command("show")
def show_mirror(name: Name, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """What became of its versions here, the last first."""
    found = connect(url, token).get(f"/plugin-mirrors/{name}/versions")["items"]
    if as_json:
        print_json(found)
        return
    for each in found:
        problem = f"  {each['problem']}" if each["problem"] else ""
        typer.echo(f"{each['at']}  {each['state']:8}  {each['plugin_code']} {each['version']}{problem}")
        for code, versions in each["lacks"].items():
            typer.echo(f"  needs {code} {versions}, which the catalogue here does not offer")


@app.command("remove")
def remove_mirror(name: Name, url: UrlOption = "", token: TokenOption = "") -> None:
    """Follow it no more; what was taken stays published."""
    connect(url, token).delete(f"/plugin-mirrors/{name}")
    typer.echo(f"{name} is not followed any more")


def _after_round(client: ApiClient, name: str, before: str | None, seconds: int) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = {each["name"]: each for each in client.get("/plugin-mirrors")["items"]}
        mirror = found.get(name) or fail(f"There is no mirror {name}")
        if mirror["last_round_at"] != before:
            return mirror
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    return fail(f"{name} was not followed to its end within {seconds} seconds; see `trunkline plugin mirror list`")


def _line(mirror: Any) -> str:
    counts = mirror["versions"]
    state = "off" if not mirror["enabled"] else mirror["problem"] or f"followed {mirror['last_success_at'] or 'never'}"
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number) or "nothing yet"
    return f"{mirror['name']}  {mirror['url']}  {told}  ({state})"
