"""`trunkline explain`: why something is allowed or denied."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="Why something is allowed or denied, and whom to ask.")


@app.command("action")
def explain_action(
    action: Annotated[str, typer.Argument(help="e.g. flow.launch, system.manage")],
    resource: Annotated[str, typer.Argument(help="platform, or e.g. project:ID, system:NAME, flow:ID")],
    user: Annotated[str | None, typer.Option(help="Somebody else; for administrators")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Explain whether you may do something; exit code 1 when not."""
    answer = connect(url, token).get("/explain", action=action, resource=resource, username=user)["items"][0]
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{'allowed' if answer['allowed'] else 'denied'}: {answer['text']}")
    raise typer.Exit(0 if answer["allowed"] else 1)


@app.command("call")
def explain_call(
    app_code: str,
    target: Annotated[str, typer.Argument(help="SYSTEM.COMPONENT")],
    stage: Annotated[str, typer.Option()] = "prod",
    user: Annotated[str | None, typer.Option(help="The person who is named in the call")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Of the access token; none: app code and secret")] = None,
    address: Annotated[str, typer.Option(help="Where the call comes from")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Explain whether the gateway would admit a call; exit code 1 when not."""
    system, _, component = target.partition(".")
    body: dict[str, Any] = {"app_code": app_code, "system": system, "component": component, "stage": stage}
    more = {"user": user, "scopes": scope, "address": address}
    body |= {name: value for name, value in more.items() if value}
    answer = connect(url, token).post("/explain/call", body)
    if as_json:
        print_json(answer)
    else:
        for each in answer["checks"]:
            remedy = f"\n      {each['remedy']}" if each["remedy"] else ""
            typer.echo(f"{'yes' if each['holds'] else 'NO ':<4}  {each['check']:<10}{each['text']}{remedy}")
    raise typer.Exit(0 if answer["admitted"] else 1)
