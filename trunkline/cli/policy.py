"""`trunkline policy`: what holds for the calls of a system, a stage or an app."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, liveness, print_json
from trunkline.cli.files import read_document

app = typer.Typer(no_args_is_help=True, help="Lay down policies: limits, CORS, caching, rewriting.")

Place = Annotated[str, typer.Argument(help="SYSTEM, SYSTEM/STAGE, or app:APP_CODE", metavar="PLACE")]


@app.command("kinds")
def list_kinds(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the kinds of policies; with --json their JSON Schemas too."""
    kinds = connect(url, token).get("/policy-kinds")["items"]
    if as_json:
        print_json(kinds)
        return
    for kind in kinds:
        typer.echo(f"{kind['name']}\t{', '.join(kind['levels'])}\t{kind['summary']}")


@app.command("show")
def show_policies(place: Place, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show what stands at a place, as `policy put` takes it."""
    standing = connect(url, token).get(_path(place))
    if as_json:
        print_json(standing)
        return
    typer.echo(yaml.safe_dump(standing["policies"], sort_keys=False, allow_unicode=True).rstrip())


@app.command("put")
def put_policies(
    place: Place,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A list of policies, YAML or JSON")],
    version: Annotated[int | None, typer.Option(help="Refuse when the list isn't at that version any more")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Replace the whole list of a place."""
    answer = connect(url, token).put(_path(place), {"policies": read_document(file) or [], "version": version})
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{place}: {len(answer['policies'])} policies, version {answer['version']}, {liveness(answer)}")


def _path(place: str) -> str:
    if place.startswith("app:"):
        return f"/apps/{place.removeprefix('app:')}/policies"
    system, _, stage = place.partition("/")
    return f"/systems/{system}/stages/{stage}/policies" if stage else f"/systems/{system}/policies"
