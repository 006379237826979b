"""`trunkline plugin`: write, check, pack, publish and install plugins. The first three need no server."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel.errors import FieldProblem
from marketplace.authoring.draft import draft
from marketplace.authoring.folder import open_package
from marketplace.package.errors import PackageRefused
from marketplace.package.package import Package
from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json

app = typer.Typer(no_args_is_help=True, help="Write, check, pack, publish and install plugins.")

_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")
PackagePath = Annotated[Path, typer.Argument(exists=True, help="A plugin's folder, or a packed archive")]


@app.command("new")
def new_plugin(
    code: Annotated[str, typer.Argument(help="Code of the plugin: lower case, digits and underscores")],
    publisher: Annotated[str, typer.Option(help="Name you publish under")] = "example",
    folder: Annotated[Path | None, typer.Option(file_okay=False, help="Where to write it [default: ./CODE]")] = None,
) -> None:
    """Write the first draft of a component plugin."""
    for name in (code, publisher):
        if not _NAME.fullmatch(name):
            fail(f"{name!r} must begin with a letter and hold lower-case letters, digits and underscores", code=2)
    target = folder or Path(code)
    if target.exists() and any(target.iterdir()):
        fail(f"{target} is not empty; choose another folder with --folder")
    target.mkdir(parents=True, exist_ok=True)
    for name, content in draft(code, publisher).items():
        (target / name).write_bytes(content)
    typer.echo(
        f"{target} holds a plugin that passes its checks. Edit plugin.yaml, then: trunkline plugin check {target}"
    )


@app.command("check")
def check_plugins(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Folders or packed archives")],
    as_json: JsonOption = False,
) -> None:
    """Check packages: manifest, schemas, form, every expression, texts, archive, checksums."""
    reports = [_report(path) for path in paths]
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            _show_report(report)
    if not all(report["ok"] for report in reports):
        raise typer.Exit(1)


@app.command("pack")
def pack_plugin(
    path: PackagePath,
    out: Annotated[Path | None, typer.Option(help="File to write [default: ./CODE-VERSION.zip]")] = None,
    as_json: JsonOption = False,
) -> None:
    """Pack a plugin's folder; the same files give the same bytes."""
    package = _open(path)
    manifest = package.manifest
    target = out or Path(f"{manifest.code}-{manifest.version}.zip")
    try:
        target.write_bytes(package.archive)
    except OSError as error:
        fail(f"{target} can't be written: {error.strerror}")
    if as_json:
        print_json({"file": str(target), "code": manifest.code, "version": manifest.version, "digest": package.digest})
        return
    typer.echo(f"{target}: {manifest.code} {manifest.version}, {len(package.archive)} bytes, {package.digest}")


@app.command("publish")
def publish_plugin(
    path: PackagePath, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Publish a folder or archive; a published version never changes."""
    package = _open(path)
    answer = connect(url, token).upload("/plugins", package.archive, "application/zip")
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{answer['code']} {answer['version']} is published, {answer['digest']}")


@app.command("install")
def install_plugin(
    project: Annotated[str, typer.Argument(help="Project, by code or id")],
    code: str,
    version: Annotated[str, typer.Option(help="Version [default: the latest]")] = "",
    consent: Annotated[
        list[str] | None, typer.Option("--consent", help="A scope you consent to; may be repeated. None asks you")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Install a plugin into a project, consenting to the scopes it asks for."""
    client = connect(url, token)
    wanted = version or str(client.get(f"/plugins/{code}")["latest_version"])
    scopes = consent if consent is not None else _ask(client, code, wanted)
    body = {"plugin": code, "version": wanted, "consent_scopes": scopes}
    answer = client.post(f"/projects/{project}/installs", body)
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{code} {wanted} is installed in {project}")
    for grant in answer["grants"]:
        typer.echo(f"  {grant['system']}.{grant['component'] or '*'}: {grant['state']}")


def _ask(client: ApiClient, code: str, version: str) -> list[str]:
    asked = client.get(f"/plugins/{code}/versions/{version}")["scopes"]
    for need in asked:
        typer.echo(f"{need['scope']}: {need['reason']['en']}", err=True)
    if asked and not typer.confirm("Consent to these scopes?", err=True):
        fail("Not installed")
    return [need["scope"] for need in asked]


def _open(path: Path) -> Package:
    try:
        return open_package(path)
    except PackageRefused as refusal:
        fail("\n".join([f"{path} can't be published:", *_lines(refusal.fields)]))


def _report(path: Path) -> dict[str, Any]:
    try:
        package = open_package(path)
    except PackageRefused as refusal:
        return {"path": str(path), "ok": False, "problems": [asdict(problem) for problem in refusal.fields]}
    manifest = package.manifest
    found = {"code": manifest.code, "version": manifest.version, "digest": package.digest}
    return {"path": str(path), "ok": True, "problems": [], **found}


def _show_report(report: dict[str, Any]) -> None:
    if report["ok"]:
        typer.echo(f"{report['path']}: {report['code']} {report['version']} is in order, {report['digest']}")
        return
    typer.secho(f"{report['path']}:", err=True, fg=typer.colors.RED)
    for line in _lines([FieldProblem(**problem) for problem in report["problems"]]):
        typer.echo(line, err=True)


def _lines(problems: Sequence[FieldProblem]) -> list[str]:
    return [f"  {p.field}: {p.problem}" + (f" - {p.remedy}" if p.remedy else "") for p in problems]
