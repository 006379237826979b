"""`trunkline plugin`: write, serve, check, pack, sign, publish and install plugins. Only the last two need a server."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from marketplace.authoring.blueking_project import Naming
from marketplace.authoring.folder import author_folder, open_package
from marketplace.package.errors import PackageRefused
from marketplace.package.package import Package
from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.plugin_bundle import bundle_plugins, unbundle_plugins
from trunkline.cli.plugin_check import Python, check_plugins, problem_lines
from trunkline.cli.plugin_form import show_form
from trunkline.cli.plugin_hosted import list_hosted, restart_hosted, show_log, start_hosted, stop_hosted
from trunkline.cli.plugin_identity import app as identity_app
from trunkline.cli.plugin_installs import (
    list_installs,
    remove_plugin,
    roll_back_plugin,
    standing_notes,
    update_plugins,
    upgrade_plugin,
)
from trunkline.cli.plugin_mirror import app as mirror_app
from trunkline.cli.plugin_new import new_plugin
from trunkline.cli.plugin_policy import disable_plugin, enable_plugin, plugin_policy
from trunkline.cli.plugin_publishers import list_publishers
from trunkline.cli.plugin_review import (
    approve_submission,
    examine_plugin,
    list_namespaces,
    list_submissions,
    reject_submission,
    release_namespace,
    reserve_namespace,
    verify_publisher,
    withdraw_submission,
)
from trunkline.cli.plugin_serve import serve_plugin
from trunkline.cli.plugin_sign import make_key, sign_plugin
from trunkline.cli.plugin_standing import (
    deprecate_plugin,
    download_version,
    list_advisories,
    move_version,
    publish_advisory,
    undeprecate_plugin,
    unyank_version,
    withdraw_advisory,
    yank_version,
)
from trunkline.cli.publication import publish_package

app = typer.Typer(no_args_is_help=True, help="Write, serve, check, pack, sign, publish and install plugins.")

PackagePath = Annotated[Path, typer.Argument(exists=True, help="A plugin's folder, a zip of it, or a packed archive")]
Code = Annotated[str, typer.Option(help="Of a project without plugin.yaml: the plugin's code [default: as its folder]")]
Publisher = Annotated[str, typer.Option(help="Of a project without plugin.yaml: who publishes it")]


app.add_typer(mirror_app, name="mirror")
app.add_typer(identity_app, name="identity")
app.command("new")(new_plugin)
app.command("check")(check_plugins)
app.command("form")(show_form)
app.command("serve")(serve_plugin)
app.command("key")(make_key)
app.command("sign")(sign_plugin)
app.command("installs")(list_installs)
app.command("hosted")(list_hosted)
app.command("log")(show_log)
app.command("stop")(stop_hosted)
app.command("start")(start_hosted)
app.command("restart")(restart_hosted)
app.command("upgrade")(upgrade_plugin)
app.command("rollback")(roll_back_plugin)
app.command("update")(update_plugins)
app.command("remove")(remove_plugin)
app.command("disable")(disable_plugin)
app.command("enable")(enable_plugin)
app.command("policy")(plugin_policy)
app.command("examine")(examine_plugin)
app.command("submissions")(list_submissions)
app.command("approve")(approve_submission)
app.command("reject")(reject_submission)
app.command("withdraw")(withdraw_submission)
app.command("publishers")(list_publishers)
app.command("verify-publisher")(verify_publisher)
app.command("namespaces")(list_namespaces)
app.command("reserve")(reserve_namespace)
app.command("release")(release_namespace)
app.command("bundle")(bundle_plugins)
app.command("unbundle")(unbundle_plugins)
app.command("yank")(yank_version)
app.command("unyank")(unyank_version)
app.command("channel")(move_version)
app.command("deprecate")(deprecate_plugin)
app.command("undeprecate")(undeprecate_plugin)
app.command("advise")(publish_advisory)
app.command("withdraw-advisory")(withdraw_advisory)
app.command("advisories")(list_advisories)
app.command("download")(download_version)


@app.command("pack")
def pack_plugin(
    path: PackagePath,
    out: Annotated[Path | None, typer.Option(help="File to write [default: ./CODE-VERSION.zip]")] = None,
    python: Python = sys.executable,
    code: Code = "",
    publisher: Publisher = "",
    as_json: JsonOption = False,
) -> None:
    """Pack a plugin's folder, or a zip of it; the same files give the same bytes."""
    package = _open(path, python, Naming(code, publisher))
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
    path: PackagePath,
    url: UrlOption = "",
    token: TokenOption = "",
    python: Python = sys.executable,
    channel: Annotated[str, typer.Option(help="[default: stable, or beta for a pre-release]")] = "",
    code: Code = "",
    publisher: Publisher = "",
    as_json: JsonOption = False,
) -> None:
    """Publish a folder, a zip of it, or a packed archive; a published version never changes."""
    package = _open(path, python, Naming(code, publisher))
    publish_package(connect(url, token), package.archive, channel, as_json=as_json)


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
    for note in standing_notes(answer):
        typer.echo(f"  {note}")
    for grant in answer["grants"]:
        typer.echo(f"  {grant['system']}.{grant['component'] or '*'}: {grant['state']}")


def _ask(client: ApiClient, code: str, version: str) -> list[str]:
    asked = client.get(f"/plugins/{code}/versions/{version}")["scopes"]
    for need in asked:
        typer.echo(f"{need['scope']}: {need['reason']['en']}", err=True)
    if asked and not typer.confirm("Consent to these scopes?", err=True):
        fail("Not installed")
    return [need["scope"] for need in asked]


def _open(path: Path, python: str, named: Naming) -> Package:
    try:
        with author_folder(path) as opened:
            return open_package(opened, python, named)
    except PackageRefused as refusal:
        fail("\n".join([f"{path} can't be published:", *problem_lines(refusal.fields)]))
