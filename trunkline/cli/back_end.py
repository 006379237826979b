"""`trunkline system backend`: which back end answers the standard components of a stage."""

import sys
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, WaitOption, connect, fail, liveness, print_json
from trunkline.cli.pairs import named_values

_EMBEDDED, _BLUEKING = "embedded", "blueking"


def choose_back_end(
    system: str,
    back_end: Annotated[
        str | None, typer.Argument(help="embedded or blueking; without it the present one is shown")
    ] = None,
    stage: Annotated[str, typer.Option(help="Whose components are answered")] = "prod",
    through: Annotated[str, typer.Option(help="Way to BlueKing's system: esb, apigw or direct")] = "esb",
    address: Annotated[
        str | None, typer.Option(help="Of the ESB, the gateway's stage or the system [default: the stage's]")
    ] = None,
    app_code: Annotated[
        str | None,
        typer.Option(help="App of BlueKing's that calls; its secret is read from standard input [default: as it is]"),
    ] = None,
    secret_name: Annotated[str | None, typer.Option(help="Named secret of the system instead")] = None,
    username: Annotated[str, typer.Option(help="Whom calls are for that name nobody")] = "",
    tenant_id: Annotated[str, typer.Option(help="Sent as X-Bk-Tenant-Id")] = "",
    variable: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of the stage; may be repeated")] = None,
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have a stage's standard components answered by the embedded system, or by BlueKing's own."""
    client, path = connect(url, token), f"/systems/{system}/stages/{stage}/back-end"
    if back_end is None:
        standing = client.get(path)
        if as_json:
            print_json(standing)
        else:
            _show(system, stage, standing)
        return
    if back_end not in (_EMBEDDED, _BLUEKING):
        fail(f"{back_end} is neither {_EMBEDDED} nor {_BLUEKING}", code=2)
    body: dict[str, Any] = {"back_end": back_end}
    if back_end == _BLUEKING:
        signing = _signing(through, app_code, secret_name, username, tenant_id)
        body |= {"through": through, "address": address, "signing": signing, "variables": named_values(variable or ())}
    answer = client.put(f"{path}?wait={wait}", body)
    if as_json:
        print_json(answer)
        return
    _show(system, stage, answer["back_end"])
    typer.echo(liveness(answer))


def _signing(
    through: str, app_code: str | None, secret_name: str | None, username: str, tenant_id: str
) -> dict[str, str] | None:
    said = {name: value for name, value in (("username", username), ("tenant_id", tenant_id)) if value}
    if app_code is None:
        return {"profile": "jwt", **said} if through == "direct" else None
    secret = {"secret_name": secret_name} if secret_name else {"app_secret": _read_secret()}
    return {"profile": "bk-app", "app_code": app_code, **secret, **said}


def _read_secret() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("App secret", hide_input=True))
    return sys.stdin.read().removesuffix("\n")


def _show(system: str, stage: str, back_end: dict[str, Any]) -> None:
    through = f" through {back_end['through']}" if back_end["through"] else ""
    chosen = back_end["back_end"] or "components of another making"
    typer.echo(f"{system} {stage}: {chosen}{through}, release {back_end['release']}, {back_end['address']}")
    for lacking in back_end["lacking"]:
        typer.echo(f"refused\t{lacking['component']}\t{lacking['reason']}")
