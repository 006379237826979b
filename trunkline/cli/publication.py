"""Sending a package to the catalogue, and telling what became of it."""

from typing import Any

import typer

from trunkline.cli.client import ApiClient, print_json


def publish_package(client: ApiClient, archive: bytes, channel: str, *, as_json: bool) -> None:
    """Args:
    channel: empty for the usual one.
    """
    query = {"channel": channel} if channel else {}
    answer = client.upload("/plugins", archive, "application/zip", **query)
    if as_json:
        print_json(answer)
        return
    _show(answer)


def _show(answer: Any) -> None:
    if answer.get("state") == "waiting":
        typer.echo(f"{answer['code']} {answer['version']} waits for approval, submission {answer['id']}")
        for reason in answer["reasons"]:
            typer.echo(f"  it {reason['text']}")
        return
    typer.echo(f"{answer['code']} {answer['version']} is published, {answer['digest']}")
