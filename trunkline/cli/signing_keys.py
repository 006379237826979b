"""`trunkline keys`: the keys access tokens are signed with."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, liveness, print_json

app = typer.Typer(no_args_is_help=True, help="Change the keys access tokens are signed with.")


@app.command("list")
def list_keys(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the keys, newest first."""
    keys = list(connect(url, token).items("/signing-keys"))
    if as_json:
        print_json(keys)
        return
    for key in keys:
        until = key["retired_at"] or key["verifies_until"] or ""
        typer.echo(f"{key['kid']}\t{key['algorithm']}\t{key['state']}\t{key['signs_from']}\t{until}")


@app.command("rotate")
def rotate_key(
    algorithm: Annotated[str | None, typer.Option(help="ES256 or EdDSA [default: the server's setting]")] = None,
    after: Annotated[int, typer.Option(min=0, help="Seconds until it signs; others get to know it before")] = 600,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new key; the old one verifies until its last token has expired."""
    body = {"algorithm": algorithm, "signs_from": (datetime.now(UTC) + timedelta(seconds=after)).isoformat()}
    answer = connect(url, token).post("/signing-keys:rotate", body)
    if as_json:
        print_json(answer)
        return
    key = answer["key"]
    typer.echo(f"{key['kid']}\t{key['algorithm']}\t{key['state']} (from {key['signs_from']}), {liveness(answer)}")


@app.command("retire")
def retire_key(kid: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """End a key at once, as after a theft: the tokens it signed are refused."""
    answer = connect(url, token).post(f"/signing-keys/{kid}:retire")
    typer.echo(f"{kid} is retired, {liveness(answer)}")
