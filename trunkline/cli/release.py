"""`trunkline release`: make releases of a system's draft, and compare them."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="Make releases of a system's draft and compare them.")


@app.command("create")
def create_release(
    system: str,
    version: Annotated[str | None, typer.Option(help="[default: the lowest that tells callers what changed]")] = None,
    bump: Annotated[str, typer.Option(help="major, minor, patch or auto")] = "auto",
    comment: Annotated[str, typer.Option(help="What it is about")] = "",
    force_because: Annotated[str, typer.Option(help="Why the version may tell callers less than what changed")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an immutable release of the draft; nothing serves it before `stage activate`."""
    body = {"version": version, "bump": bump, "comment": comment, "force_because": force_because}
    made = connect(url, token).post(f"/systems/{system}/releases", body)
    if as_json:
        print_json(made)
        return
    forced = f", forced: {made['forced_because']}" if made["forced_because"] else ""
    typer.echo(f"{system} {made['version']}: {made['components_count']} components, {made['level']}{forced}")


@app.command("list")
def list_releases(system: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List a system's releases, newest first."""
    found = list(connect(url, token).items(f"/systems/{system}/releases"))
    if as_json:
        print_json(found)
        return
    for release in found:
        count = f"{release['components_count']} components"
        typer.echo(f"{release['version']}\t{count}\t{release['created_at']}\t{release['comment']}".rstrip())


@app.command("diff")
def compare_releases(
    system: str,
    old: Annotated[str, typer.Argument(metavar="RELEASE")],
    new: Annotated[str, typer.Argument(metavar="OTHER", help="A release, or draft")],
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what callers of a release would meet in another, or in the draft."""
    found = connect(url, token).get(f"/systems/{system}/releases/{old}/diff/{new}")
    if as_json:
        print_json(found)
        return
    for name in found["added"]:
        typer.echo(f"+ {name}")
    for component in found["removed"]:
        typer.echo(f"- {component['name']}  breaking{_callers(component)}")
    for component in found["changed"]:
        typer.echo(f"~ {component['name']}  {component['level']}{_callers(component)}")
        for reason in component["reasons"]:
            typer.echo(f"    {reason['level']:<9}{reason['field']}: {reason['text']}")
    empty = not (found["added"] or found["removed"] or found["changed"])
    typer.echo("No component differs" if empty else "Breaking" if found["breaking"] else "Nothing breaks callers")


def _callers(component: dict[str, Any]) -> str:
    callers = component["callers"] or []
    named = ", ".join(f"{caller['app_code'] or 'no app'} ({caller['calls']})" for caller in callers[:10])
    return f"  called in 30 days by {named}" if named else ""
