"""`trunkline plugin publishers`: under whose names plugins are published, and what proves who they are."""

from typing import Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json


def list_publishers(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Whose each publisher's name is, what proves it, and until when."""
    found = list(connect(url, token).items("/publishers"))
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['name']}  of {each['owner']}: {'; '.join(_proofs(each)) or 'not verified'}")


def _proofs(publisher: dict[str, Any]) -> list[str]:
    proofs = [f"verified by {publisher['domain']}"] if publisher["verified_at"] else []
    if publisher["verified_identity"]:
        until = publisher["proven_until"]
        proofs.append(f"verified by {publisher['verified_identity']}" + (f" until {until}" if until else ""))
    return proofs
