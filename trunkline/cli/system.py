"""`trunkline system`: register and look at systems."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.back_end import choose_back_end
from trunkline.cli.client import JsonOption, TokenOption, UrlOption, WaitOption, connect, fail, liveness, print_json
from trunkline.cli.files import read_object
from trunkline.cli.manifest_folder import read_folder, write_folder

app = typer.Typer(no_args_is_help=True, help="Register systems, look at them, keep them as files.")

app.command("backend")(choose_back_end)

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="As `system export` writes it")]


@app.command("import")
def import_system(
    file: Annotated[str, typer.Argument(help="OpenAPI 3 or Swagger 2 document, JSON or YAML, or its http address")],
    name: Annotated[str, typer.Option(help="Name of the system, as in /api/NAME/prod/…")],
    upstream: Annotated[str, typer.Option(help="Address the calls are forwarded to")],
    signing: Annotated[
        str | None, typer.Option(help="http-message-signature, jwt or none [default: the first, or what it is already]")
    ] = None,
    alias: Annotated[list[str] | None, typer.Option(help="Further name; may be repeated")] = None,
    envelope: Annotated[
        bool | None, typer.Option(help="Wrap answers in the BlueKing envelope [default: no, or what it does already]")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Import a document: its operations become components, live as release 1.0.0 on stage prod."""
    is_address = file.startswith(("http://", "https://"))
    body = {
        **({"document_url": file} if is_address else {"document": read_object(Path(file))}),
        "name": name,
        "upstream_url": upstream,
        "signing": signing,
        "aliases": alias,
        "envelope": envelope,
    }
    answer = connect(url, token).post("/systems:import", body)
    if as_json:
        print_json(answer)
        return
    for note in answer["notes"]:
        typer.echo(f"not done: {note['field']}: {note['problem']}", err=True)
    typer.echo(
        f"{answer['system']}: {answer['components']} components, release {answer['release']} "
        f"on stage {answer['stage']}, {liveness(answer)}"
    )


@app.command("compatibility")
def set_compatibility(
    system: str,
    self_service: Annotated[bool | None, typer.Option(help="Answer at /api/c/self-service-api/PATH too")] = None,
    parameter_credentials: Annotated[bool | None, typer.Option(help="Take credentials from query and body")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show or change which habits of BlueKing's clients a system goes along with."""
    client = connect(url, token)
    path = f"/systems/{system}/compatibility"
    wanted = {"self_service": self_service, "parameter_credentials": parameter_credentials}
    changed = {name: value for name, value in wanted.items() if value is not None}
    standing = client.get(path)
    if changed:
        standing |= changed
        client.put(path, standing)
    if as_json:
        print_json(standing)
        return
    for name, value in standing.items():
        typer.echo(f"{name}\t{'yes' if value else 'no'}")


@app.command("relate")
def relate_app(
    system: str,
    app_code: str,
    remove: Annotated[bool, typer.Option("--remove", help="Take the app's right away")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Let an app manage a system by BlueKing's registration API."""
    client = connect(url, token)
    path = f"/systems/{system}/related-apps/{app_code}"
    if remove:
        client.delete(path)
    else:
        client.put(path, {})
    typer.echo(f"{app_code} {'no longer manages' if remove else 'manages'} {system}")


@app.command("list")
def list_systems(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the registered systems."""
    systems = list(connect(url, token).items("/systems"))
    if as_json:
        print_json(systems)
        return
    for system in systems:
        stages = ", ".join(f"{stage['name']} {stage['release']}" for stage in system["stages"])
        typer.echo(f"{system['name']}\t{system['components_count']} components\t{stages}")


@app.command("keys")
def reveal_keys(system: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show the keys with which the system verifies our calls; for those who manage it."""
    keys = connect(url, token).post(f"/systems/{system}:reveal-keys")["items"]
    if as_json:
        print_json(keys)
        return
    for key in keys:
        typer.echo(f"{key['profile']}  {key['key_id']}\n{key['secret'] or key['public_key']}")


@app.command("export")
def export_system(
    system: str,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="Written as YAML files; older ones in it are replaced")
    ],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Write a system out as files; no secret is in them."""
    try:
        written = write_folder(connect(url, token).get(f"/systems/{system}/export"), folder)
    except OSError as error:
        fail(f"{folder} can't be written: {error}")
    typer.echo(f"{system}: {written} files in {folder}")


@app.command("plan")
def plan_system(folder: Folder, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show what `system apply` of the files would change; changes nothing."""
    manifest = _read_folder(folder)
    changes = connect(url, token).post(f"/systems/{manifest.get('name')}:plan", manifest)["changes"]
    if as_json:
        print_json(changes)
        return
    _show_changes(changes)


@app.command("apply")
def apply_system(
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask")] = False,
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a system what the files say, all of it or nothing. The plan is shown first."""
    manifest = _read_folder(folder)
    name = manifest.get("name")
    client = connect(url, token)
    if not yes:
        changes = client.post(f"/systems/{name}:plan", manifest)["changes"]
        _show_changes(changes, err=as_json)
        if changes:
            typer.confirm("Make these changes?", abort=True, err=as_json)
        elif not as_json:
            return
    answer = client.post(f"/systems/{name}:apply?wait={wait}", manifest)
    if as_json:
        print_json(answer)
        return
    if yes:
        _show_changes(answer["changes"])
    typer.echo(f"{name}: {liveness(answer)}")


def _show_changes(changes: list[dict[str, Any]], *, err: bool = False) -> None:
    signs = {"create": "+", "change": "~", "remove": "-"}
    for change in changes:
        typer.echo(f"{signs[change['action']]} {change['what']} {change['name']}".rstrip(), err=err)
        for line in change["details"]:
            typer.echo(f"    {line}", err=err)
    typer.echo(f"{len(changes)} changes" if changes else "No changes", err=err)


def _read_folder(folder: Path) -> dict[str, Any]:
    try:
        return read_folder(folder)
    except ValueError as error:
        fail(str(error))
