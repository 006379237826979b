"""`trunkline plugin examine`, `submissions`, `approve` … `reserve`: what is checked, who agrees, whose codes are."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel.errors import FieldProblem
from marketplace.authoring.folder import open_package
from marketplace.package.errors import PackageRefused
from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.plugin_check import Python, problem_lines

Submission = Annotated[str, typer.Argument(help="Its id, as `submissions` shows it")]


def examine_plugin(
    path: Annotated[Path, typer.Argument(exists=True, help="A plugin's folder, or a packed archive")],
    url: UrlOption = "",
    token: TokenOption = "",
    python: Python = sys.executable,
    as_json: JsonOption = False,
) -> None:
    """What the server would say of a package, check by check; publishes nothing. Exit code 1 when it would refuse."""
    try:
        archive = path.read_bytes() if path.is_file() else open_package(path, python).archive
    except PackageRefused as refusal:
        fail("\n".join([f"{path} can't be packed:", *problem_lines(refusal.fields)]))
    report = connect(url, token).upload("/plugins:check", archive, "application/zip")
    if as_json:
        print_json(report)
    else:
        for check in report["checks"]:
            _show_check(check)
    if not report["publishable"]:
        raise typer.Exit(1)


def list_submissions(
    state: Annotated[str, typer.Option(help="waiting, approved, rejected, withdrawn or all")] = "waiting",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Yours, or with the role `reviewer` everybody's."""
    found = list(connect(url, token).items("/plugin-submissions", state=None if state == "all" else state))
    if as_json:
        print_json(found)
        return
    for row in found:
        typer.echo(f"{row['id']}  {row['state']:9}  {row['code']} {row['version']} by {row['submitted_by']}")
        for reason in row["reasons"]:
            typer.echo(f"  it {reason['text']}")


def approve_submission(
    submission: Submission,
    comment: Annotated[str, typer.Option(help="For the author")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Publish a package that somebody else submitted."""
    answer = connect(url, token).post(f"/plugin-submissions/{submission}:approve", {"comment": comment})
    typer.echo(f"{answer['code']} {answer['version']} is published, {answer['digest']}")


def reject_submission(
    submission: Submission,
    comment: Annotated[str, typer.Option(help="Why")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Refuse a package; its author reads why."""
    answer = connect(url, token).post(f"/plugin-submissions/{submission}:reject", {"comment": comment})
    typer.echo(f"{answer['code']} {answer['version']} is rejected")


def withdraw_submission(submission: Submission, url: UrlOption = "", token: TokenOption = "") -> None:
    """Take back a package of your own."""
    answer = connect(url, token).post(f"/plugin-submissions/{submission}:withdraw")
    typer.echo(f"{answer['code']} {answer['version']} is withdrawn")


def verify_publisher(
    publisher: Annotated[str, typer.Argument(help="Its name")],
    domain: Annotated[str, typer.Option(help="Claim this domain first")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have the DNS of a publisher's domain looked up for the verified mark; exit code 1 when it doesn't say so."""
    client = connect(url, token)
    if domain:
        client.put(f"/publishers/{publisher}/domain", {"domain": domain})
    found = client.post(f"/publishers/{publisher}:verify")
    if as_json:
        print_json(found)
    elif found["verified_at"]:
        typer.echo(f"{publisher} is verified by {found['domain']}")
    else:
        record = found["record"]
        typer.echo(f"Set this TXT record, then ask again:\n{record['name']}  {record['text']}")
    if not found["verified_at"]:
        raise typer.Exit(1)


def list_namespaces(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Every reserved prefix, and for whom it is kept."""
    found = connect(url, token).get("/plugin-namespaces")["items"]
    if as_json:
        print_json(found)
        return
    for row in found:
        typer.echo(f"{row['prefix']}…  {', '.join(row['publishers'])}")


def reserve_namespace(
    prefix: Annotated[str, typer.Argument(help="How codes begin, as bk_")],
    publishers: Annotated[list[str], typer.Argument(help="Who may publish new plugins under it")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Keep new codes that begin so for some publishers."""
    connect(url, token).put(f"/plugin-namespaces/{prefix}", {"publishers": publishers})
    typer.echo(f"{prefix}… is kept for {', '.join(publishers)}")


def release_namespace(prefix: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Let everybody publish under a prefix again."""
    connect(url, token).delete(f"/plugin-namespaces/{prefix}")
    typer.echo(f"{prefix}… is kept for nobody")


def _show_check(check: dict[str, Any]) -> None:
    typer.echo(f"{check['name']:10}  {check['result']}")
    for line in problem_lines([FieldProblem(**problem) for problem in check["problems"]]):
        typer.echo(line)
    for reason in check["reasons"]:
        typer.echo(f"  it {reason['text']}")
