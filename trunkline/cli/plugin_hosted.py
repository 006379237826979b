"""`trunkline plugin hosted`, `log`, `stop`, `start`, `restart`: plugins in Python that the server runs."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

Version = Annotated[str, typer.Option(help="Version [default: the latest]")]
_MEGABYTE = 1024 * 1024


def list_hosted(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show the plugins that the server runs, how they do, and what keeps them apart from its machine."""
    client = connect(url, token)
    found, hosting = client.get("/hosted-plugins")["items"], client.get("/plugin-hosting")
    if as_json:
        print_json({"items": found, "hosting": hosting})
        return
    for item in found:
        facts = f"{item['memory'] // _MEGABYTE} MiB, {item['waiting']} waiting, {item['restarts']} restarts"
        typer.echo(f"{item['plugin']} {item['version']}: {item['state']}, {facts}")
        if item["detail"]:
            typer.echo(f"  {item['detail']}")
    for measure in hosting["measures"]:
        typer.echo(f"{'held' if measure['enforced'] else 'open'}  {measure['name']}: {measure['detail']['text']}")


def show_log(
    code: str,
    version: Version = "",
    lines: Annotated[int, typer.Option(min=1, max=2_000, help="The newest so many")] = 200,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print what a hosted plugin's process said last, with secrets masked."""
    client = connect(url, token)
    wanted = version or str(client.get(f"/plugins/{code}")["latest_version"])
    answer = client.get(f"/hosted-plugins/{code}/versions/{wanted}/log", lines=lines)
    if as_json:
        print_json(answer)
        return
    for line in answer["lines"]:
        typer.echo(line)


def stop_hosted(code: str, version: Version = "", url: UrlOption = "", token: TokenOption = "") -> None:
    """End a hosted plugin's process; nothing starts it until you do."""
    _tell(code, version, "stop", url, token)


def start_hosted(code: str, version: Version = "", url: UrlOption = "", token: TokenOption = "") -> None:
    """Start a hosted plugin that was stopped."""
    _tell(code, version, "start", url, token)


def restart_hosted(code: str, version: Version = "", url: UrlOption = "", token: TokenOption = "") -> None:
    """End a hosted plugin's process and start another; runs that wait go on."""
    _tell(code, version, "restart", url, token)


def _tell(code: str, version: str, what: str, url: str, token: str) -> None:
    client = connect(url, token)
    wanted = version or str(client.get(f"/plugins/{code}")["latest_version"])
    answer: dict[str, Any] = client.post(f"/hosted-plugins/{code}/versions/{wanted}:{what}")
    typer.echo(f"{code} {wanted}: {answer['state']}")
