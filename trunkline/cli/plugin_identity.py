"""`trunkline plugin identity`: pipelines that publish by a token of their own, without anybody's credential."""

import os
from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, connect_unknown, fail, print_json

app = typer.Typer(no_args_is_help=True, help="Publish by the identity of a pipeline.")

_TOKEN_VARIABLE = "TRUNKLINE_IDENTITY_TOKEN"  # noqa: S105  the name of a variable

Publisher = Annotated[str, typer.Argument(help="Its name")]


@app.command("list")
def list_identities(
    publisher: Publisher, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Whose tokens publish under a publisher's name."""
    found = connect(url, token).get(f"/publishers/{publisher}/identities")["items"]
    if as_json:
        print_json(found)
        return
    for each in found:
        used = f"used {each['last_used_at']}" if each["last_used_at"] else "never used"
        used += f", proves the publisher until {each['proven_until']}" if each["proven_until"] else ""
        typer.echo(f"{each['id']}  {each['subject']} of {each['issuer']}: {', '.join(each['plugins'])}  ({used})")


@app.command("add")
def add_identity(
    publisher: Publisher,
    issuer: Annotated[str, typer.Option(help="Issuer of the tokens, exactly as they name it")],
    subject: Annotated[str, typer.Option(help="What they say of whom they are; a * at its end stands for any text")],
    plugin: Annotated[list[str], typer.Option(help="Code it may publish, or a pattern; may be repeated")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let tokens of a pipeline publish."""
    body = {"issuer": issuer, "subject": subject, "plugins": plugin}
    made = connect(url, token).post(f"/publishers/{publisher}/identities", body)
    if as_json:
        print_json(made)
        return
    typer.echo(f"{made['subject']} of {made['issuer']} publishes {', '.join(made['plugins'])}: {made['id']}")


@app.command("remove")
def remove_identity(
    publisher: Publisher,
    identity: Annotated[str, typer.Argument(help="Its id")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Let its tokens publish no more."""
    connect(url, token).delete(f"/publishers/{publisher}/identities/{identity}")
    typer.echo(f"{identity} publishes no more")


@app.command("exchange")
def exchange_token(
    publisher: Publisher,
    plugin: Annotated[str, typer.Argument(help="Code of the plugin to publish")],
    url: UrlOption = "",
) -> None:
    """Print a token that publishes one plugin for a quarter of an hour, for the one in TRUNKLINE_IDENTITY_TOKEN."""
    identity = os.environ.get(_TOKEN_VARIABLE, "")
    if not identity:
        fail(f"Set {_TOKEN_VARIABLE} to a token of the pipeline's identity", code=2)
    body = {"identity_token": identity, "plugin": plugin}
    typer.echo(connect_unknown(url).post(f"/publishers/{publisher}:exchange", body)["token"])
