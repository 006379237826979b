"""`trunkline flow share` and `take`: flows in the catalogue."""

from pathlib import Path
from typing import Annotated, Any

import typer

from marketplace.package.signing import sign_archive
from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.plugin_sign import private_keys
from trunkline.cli.publication import publish_package

_TEXT = {"exists": True, "dir_okay": False}


def share_flow(
    flow: str,
    code: Annotated[str, typer.Argument(help="What it is called in the catalogue")],
    version: Annotated[str, typer.Argument(help="Semantic version")],
    publisher: Annotated[str, typer.Option(help="In whose name it is published")],
    readme: Annotated[Path, typer.Option(help="What users must know, Markdown", **_TEXT)],
    changelog: Annotated[Path, typer.Option(help="What has changed, Markdown", **_TEXT)],
    name: Annotated[str, typer.Option(help="English name [default: the flow's]")] = "",
    name_zh: Annotated[str, typer.Option(help="Chinese name [default: the English one]")] = "",
    about: Annotated[str, typer.Option(help="English description [default: the flow's]")] = "",
    about_zh: Annotated[str, typer.Option(help="Chinese description [default: the English one]")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="May be repeated")] = None,
    revision: Annotated[int | None, typer.Option(help="[default: the latest]")] = None,
    key: Annotated[
        list[Path] | None, typer.Option(help="Private key in PEM that signs the package; may be repeated", **_TEXT)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write the package to, instead of publishing it", dir_okay=False)
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Publish a flow in the catalogue, with the flows it runs inside."""
    keys = private_keys(key or [])
    api = connect(url, token)
    facts = api.get(f"/flows/{flow}")
    title, text = name or facts["name"], about or facts["description"] or facts["name"]
    body = {
        "code": code,
        "version": version,
        "publisher": publisher,
        "name": {"en": title, "zh": name_zh or title},
        "description": {"en": text, "zh": about_zh or text},
        "tags": tag or [],
        "readme": readme.read_text(encoding="utf-8"),
        "changelog": changelog.read_text(encoding="utf-8"),
        "revision": revision,
    }
    if keys or out is not None:
        archive = api.post_for_file(f"/flows/{flow}/package:pack", body)
        _hand_over(api, sign_archive(archive, keys) if keys else archive, out, as_json=as_json)
        return
    made = api.post(f"/flows/{flow}/package", body)
    if as_json:
        print_json(made)
        return
    typer.echo(f"{code} {version}\t{made['outcome']}\t{made['digest']}")
    for reason in made["reasons"]:
        typer.echo(f"  waits for approval: {reason['text']}")


def _hand_over(api: ApiClient, archive: bytes, out: Path | None, *, as_json: bool) -> None:
    if out is None:
        publish_package(api, archive, "", as_json=as_json)
        return
    try:
        out.write_bytes(archive)
    except OSError as error:
        fail(f"{out} can't be written: {error.strerror}")
    if as_json:
        print_json({"file": str(out)})
        return
    typer.echo(f"{out}: {len(archive)} bytes")


def take_flow(
    project: Annotated[str, typer.Argument(help="Code of the project")],
    code: Annotated[str, typer.Argument(help="What it is called in the catalogue")],
    version: Annotated[str, typer.Option(help="[default: the latest]")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only tell what it would come to")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Publish the flows at once, if they may be")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Flows that were changed here too")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a flow of the catalogue into a project, or bring the project's to a newer version."""
    api = connect(url, token)
    number = version or api.get(f"/plugins/{code}")["latest_version"]
    found = api.get(f"/projects/{project}/flow-packages/{code}/{number}")
    if plan:
        _show(found, as_json=as_json)
        return
    if found["withdrawn"]:
        fail(found["withdrawn"])
    body = {"code": code, "version": number, "publish": publish, "overwrite": overwrite}
    taken = api.post(f"/projects/{project}/flow-packages", body)["items"]
    if as_json:
        print_json(taken)
        return
    show_taken(found, taken)


def show_taken(plan: Any, taken: list[Any]) -> None:
    """What the project lacks for flows it took, and the flows."""
    for line in _lacks(plan):
        typer.echo(line)
    for each in taken:
        shown = f"revision {each['revision']}" if each["revision"] else "draft"
        typer.echo(f"{each['flow_id']}\t{each['name']}\t{shown}")


def _show(found: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for part in found["parts"]:
        typer.echo(f"{'changes' if part['flow_id'] else 'makes'}\t{part['name']}\t{part['flow_id'] or ''}")
    for line in _lacks(found):
        typer.echo(line)


def _lacks(found: Any) -> list[str]:
    """What the project has not, and people must see to."""
    plugins = [
        f"needs\t{each['code']} {each['versions']}\t{each['offered'] or 'not in the catalogue'}"
        for each in found["plugins"]
        if each["installed"] is None
    ]
    secrets = [f"needs\tthe secret {name}" for name in found["secrets"]]
    variables = [f"needs\tthe project variable {name}" for name in found["variables"]]
    return [*plugins, *secrets, *variables, *(f"needs\tpeople named in {name}" for name in found["people"])]
