"""`trunkline audit`: read the audit log and verify its chain."""

from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json

app = typer.Typer(no_args_is_help=True, help="Read the audit log and verify its hash chain.")


@app.command("list")
def list_records(
    action: Annotated[str | None, typer.Option()] = None,
    actor: Annotated[str | None, typer.Option()] = None,
    task: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the newest records."""
    records = connect(url, token).get("/audit", action=action, actor=actor, task=task, limit=limit)["items"]
    if as_json:
        print_json(records)
        return
    for record in records:
        behalf = f" for {record['on_behalf_of']}" if record["on_behalf_of"] else ""
        what = f"{record['resource_kind']} {record['resource_id']}"
        typer.echo(f"{record['at']}  {record['actor']}{behalf}  {record['action']}  {what}")


@app.command("verify")
def verify_chain(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Check that no sealed record was changed, moved or removed; exit code 1 when one was."""
    answer = connect(url, token).get("/audit/verification")
    if as_json:
        print_json(answer)
    if not answer["holds"]:
        fail("The chain is broken:\n" + "\n".join(answer["breaks"]))
    if not as_json:
        typer.echo(f"{answer['checked']} sealed records, the chain holds")
