"""`trunkline upstream` and `trunkline signing`: where a stage forwards to, and how the system knows who calls."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, liveness, print_json
from trunkline.cli.files import read_object

upstreams = typer.Typer(no_args_is_help=True, help="Say where the stages of a system forward to.")
signing = typer.Typer(no_args_is_help=True, help="Say how a system knows that the gateway calls; change its keys.")

Place = Annotated[str, typer.Argument(help="SYSTEM/STAGE", metavar="PLACE")]
Settings = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Settings, YAML or JSON")]


@upstreams.command("list")
def list_upstreams(place: Place, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the upstreams of a stage."""
    found = connect(url, token).get(f"{_stage(place)}/upstreams")["items"]
    if as_json:
        print_json(found)
        return
    for upstream in found:
        targets = ", ".join(f"{target['url']} ({target['weight']})" for target in upstream["targets"])
        typer.echo(f"{upstream['name']}\t{upstream['balance']}\t{targets}")


@upstreams.command("put")
def put_upstream(
    place: Place, name: str, file: Settings, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Make an upstream of a stage, or replace its settings."""
    answer = connect(url, token).put(f"{_stage(place)}/upstreams/{name}", read_object(file))
    _tell(answer, f"{place}: upstream {name}", as_json=as_json)


@signing.command("show")
def show_signing(place: Place, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show how the calls of a stage are signed; no secret is told."""
    found = connect(url, token).get(f"{_stage(place)}/signing")
    if as_json:
        print_json(found)
        return
    typer.echo(yaml.safe_dump({"profile": found["profile"], **found["parameters"]}, sort_keys=False).rstrip())


@signing.command("put")
def put_signing(
    place: Place, file: Settings, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Have the calls of a stage signed as the file says."""
    answer = connect(url, token).put(f"{_stage(place)}/signing", read_object(file))
    _tell(answer, f"{place}: {answer['signing']['profile']}", as_json=as_json)


@signing.command("rotate")
def rotate_key(
    system: str,
    profile: Annotated[str, typer.Option(help="http-message-signature or jwt")] = "http-message-signature",
    algorithm: Annotated[str, typer.Option(help="hmac-sha256, ed25519 or ecdsa-p256-sha256")] = "hmac-sha256",
    signs_from: Annotated[str | None, typer.Option(help="Time from which it signs [default: now]")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new key; the old one goes on verifying until it is retired."""
    body = {"profile": profile, "algorithm": algorithm, "signs_from": signs_from}
    answer = connect(url, token).post(f"/systems/{system}/keys:rotate", body)
    _tell(answer, f"{system}: {answer['key']['key_id']}", as_json=as_json)


@signing.command("retire")
def retire_key(
    system: str,
    key: str,
    profile: Annotated[str, typer.Option(help="http-message-signature or jwt")] = "http-message-signature",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """End a key that no longer signs."""
    answer = connect(url, token).post(f"/systems/{system}/keys/{profile}/{key}:retire")
    _tell(answer, f"{system}: {key} retired", as_json=as_json)


def _tell(answer: dict[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{what}, {liveness(answer)}")


def _stage(place: str) -> str:
    system, _, stage = place.partition("/")
    if not system or not stage:
        fail(f"{place} is no SYSTEM/STAGE", code=2)
    return f"/systems/{system}/stages/{stage}"
