"""`trunkline plugin bundle` and `unbundle`: plugins, and flows that need them, taken where no network reaches."""

from pathlib import Path
from typing import Annotated, Any

import typer

from marketplace.bundles.archive import Bundle, read_bundle, write_bundle
from marketplace.bundles.carrying import lacks_in
from marketplace.bundles.errors import BundleRefused
from trunkline.cli.bundled_flows import take_bundled
from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.flow import FORMAT, export_document, import_document
from trunkline.cli.plugin_check import problem_lines


def bundle_plugins(
    out: Annotated[Path, typer.Argument(help="File to write")],
    plugin: Annotated[
        list[str] | None, typer.Option(metavar="CODE[@VERSION]", help="May be repeated [default version: the latest]")
    ] = None,
    flow: Annotated[
        list[str] | None, typer.Option(metavar="FLOW", help="Id of a flow, with the plugins it uses; may be repeated")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Write plugins, with their signatures, and flows into one file."""
    client = connect(url, token)
    flows = [_exported(client, each) for each in flow or []]
    wanted = {_complete(client, each) for each in plugin or []}.union(*(_plugins_of(each) for each in flows))
    if not wanted:
        fail("Nothing to take along: give --plugin or --flow", code=2)
    content = client.download("/plugin-bundles", plugin=sorted(wanted))
    packages = _read(content, out).packages
    try:
        out.write_bytes(write_bundle(Bundle(packages, tuple(flows))))
    except OSError as error:
        fail(f"{out} can't be written: {error.strerror}")
    typer.echo(f"{out}: {len(packages)} plugins, {len(flows)} flows")
    for code, versions in sorted(lacks_in(packages).items()):
        typer.echo(f"  without {code} {versions}, which a flow needs and the catalogue does not offer")
    for each in filter(_runs_others, flows):
        typer.echo(
            f"  without the flows that {each['name']} runs inside: share it in the catalogue, and take that along"
        )


def unbundle_plugins(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="As `plugin bundle` writes it")],
    project: Annotated[
        str,
        typer.Option(help="Project that gets the flows, as drafts: exports, and the catalogue's [default: none does]"),
    ] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Publish every plugin of a bundle, with every check; all of them or none."""
    content = file.read_bytes()
    bundle = _read(content, file)
    client = connect(url, token)
    report = client.upload("/plugin-bundles", content, "application/zip")
    taken = take_bundled(client, project, bundle.packages, report["packages"]) if project else []
    made = [import_document(client, project, flow) for flow in bundle.flows] if project else []
    if as_json:
        print_json({**report, "flow_ids": made, "taken": [each.as_json() for each in taken]})
        return
    for result in report["packages"]:
        typer.echo(f"{result['code']} {result['version']}: {result['outcome']}")
        for code, versions in result["lacks"].items():
            typer.echo(f"  needs {code} {versions}, which the catalogue here does not offer")
    for each in taken:
        each.show()
    for flow, document in zip(made, bundle.flows, strict=False):
        typer.echo(f"{flow}\t{document.get('name', '')}\tdraft")


def _exported(client: ApiClient, flow: str) -> dict[str, Any]:
    revision = client.get(f"/flows/{flow}")["latest_revision"]
    return export_document(client, flow, revision)


def _plugins_of(flow: dict[str, Any]) -> set[str]:
    nodes = flow["definition"]["nodes"]
    return {f"{node['plugin']}@{node['version']}" for node in nodes if node.get("plugin")}


def _runs_others(flow: dict[str, Any]) -> bool:
    return any(node.get("flow") for node in flow["definition"]["nodes"])


def _complete(client: ApiClient, plugin: str) -> str:
    code, _, version = plugin.partition("@")
    return f"{code}@{version or client.get(f'/plugins/{code}')['latest_version']}"


def _read(content: bytes, file: Path) -> Bundle:
    try:
        bundle = read_bundle(content)
    except BundleRefused as refusal:
        fail("\n".join([f"{file} is no bundle:", *problem_lines(refusal.fields)]))
    if any(flow.get("format") != FORMAT for flow in bundle.flows):
        fail(f"{file} holds a flow of another format than {FORMAT}")
    return bundle
