"""`trunkline audit`: read the audit log, take it elsewhere, and verify its chain."""

from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from kernel.audit.chain import Anchor
from kernel.audit.lines import LineMalformed, check_lines
from kernel.audit.schemas import AuditVerification
from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json

app = typer.Typer(no_args_is_help=True, help="Read the audit log and verify its hash chain.")


@app.command("list")
def list_records(
    action: Annotated[str | None, typer.Option(help="A whole one, or its beginning with a dot: grant.")] = None,
    actor: Annotated[str | None, typer.Option()] = None,
    on_behalf_of: Annotated[str | None, typer.Option()] = None,
    kind: Annotated[str | None, typer.Option(help="What was changed: system, grant, flow, …")] = None,
    resource: Annotated[str | None, typer.Option(help="Its id")] = None,
    task: Annotated[str | None, typer.Option()] = None,
    project: Annotated[str | None, typer.Option()] = None,
    request: Annotated[str | None, typer.Option(help="Id of the request that changed it")] = None,
    since: Annotated[str | None, typer.Option(help="A time with its zone: 2026-01-31T00:00:00Z")] = None,
    until: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the newest records."""
    records = connect(url, token).get(
        "/audit",
        action=action,
        actor=actor,
        on_behalf_of=on_behalf_of,
        kind=kind,
        resource=resource,
        task=task,
        project=project,
        request=request,
        since=since,
        until=until,
        limit=limit,
    )["items"]
    if as_json:
        print_json(records)
        return
    for record in records:
        behalf = f" for {record['on_behalf_of']}" if record["on_behalf_of"] else ""
        what = f"{record['resource_kind']} {record['resource_id']}"
        typer.echo(f"{record['at']}  {record['actor']}{behalf}  {record['action']}  {what}")


@app.command("export")
def export_log(
    file: Annotated[Path, typer.Argument(help="Where to; what is there already is kept and continued")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Write every sealed record to a file, a JSON line each; a file from before gets what is new."""
    api = connect(url, token)
    try:
        with file.open("a+b") as lines:
            count = _whole_lines(lines)
            for line in api.lines("/audit/export", after=count):
                lines.write(line.encode() + b"\n")
                count += 1
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}")
    typer.echo(f"{file} holds {count} records")


@app.command("verify")
def verify_chain(
    file: Annotated[Path | None, typer.Option(help="An export instead of the server's log; asks no server")] = None,
    anchor: Annotated[str | None, typer.Option(help="sequence:hash that an earlier verification told")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check that no sealed record was changed, moved or removed; exit code 1 when one was."""
    if file is not None:
        answer = _verify_file(file, anchor)
    else:
        answer = connect(url, token).get("/audit/verification", anchor=anchor)
    if as_json:
        print_json(answer)
    if not answer["holds"]:
        fail("The chain is broken:\n" + "\n".join(answer["breaks"]))
    if not as_json:
        typer.echo(f"{answer['checked']} sealed records, the chain holds\nanchor {answer['anchor']}")


def _whole_lines(file: BinaryIO) -> int:
    """How many lines there are; one that an export broke off in is taken away."""
    file.seek(0)
    count = end = 0
    for line in file:
        if line.endswith(b"\n"):
            count, end = count + 1, end + len(line)
    file.truncate(end)
    return count


def _verify_file(file: Path, anchor: str | None) -> dict[str, Any]:
    try:
        noted = Anchor.parse(anchor) if anchor is not None else None
    except ValueError:
        fail(f"{anchor} is no anchor; it is sequence:hash, as a verification tells it", code=2)
    try:
        with file.open(encoding="utf-8") as lines:
            return AuditVerification.of(check_lines(lines, noted)).model_dump()
    except (OSError, LineMalformed, UnicodeDecodeError) as error:
        fail(f"{file} can't be read: {error}")
