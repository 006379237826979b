"""`trunkline plugin installs|upgrade|rollback|update|remove`: the versions a project has, and moving between them."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json

Project = Annotated[str, typer.Argument(help="Project, by code or id")]
Code = Annotated[str, typer.Argument(help="Plugin")]


def list_installs(project: Project, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List what is installed, with newer versions, what was yanked and why something may not run."""
    installs = list(connect(url, token).items(f"/projects/{project}/installs"))
    if as_json:
        print_json(installs)
        return
    for install in installs:
        notes = ["pinned"] if install["pinned"] else []
        notes += standing_notes(install)
        typer.echo("\t".join([install["plugin"], install["version"], "; ".join(notes)]).rstrip())


def standing_notes(install: Any) -> list[str]:
    """What somebody who relies on an installed version should know of it."""
    notes = [f"was yanked: {install['yanked']}"] if install["yanked"] is not None else []
    notes += [f"{install['newest']} is out"] if install["newest"] else []
    return notes + ([install["refusal"]] if install["refusal"] else [])


def upgrade_plugin(
    project: Project,
    code: Code,
    before: Annotated[str, typer.Option("--from", help="Version it has [default: the only one]")] = "",
    to: Annotated[str, typer.Option("--to", help="Version it shall have [default: the latest]")] = "",
    flow: Annotated[list[str] | None, typer.Option("--flow", help="A flow to move; may be repeated")] = None,
    all_flows: Annotated[bool, typer.Option("--all-flows", help="Move every flow whose draft runs it")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Publish the flows moved")] = False,
    consent: Annotated[
        list[str] | None, typer.Option("--consent", help="A further scope you consent to; none asks you")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Install another version beside the one there is, and move flows to it."""
    client = connect(url, token)
    before = before or _only_version(client, project, code)
    to = to or str(client.get(f"/plugins/{code}")["latest_version"])
    found = client.get(f"/projects/{project}/installs/{code}/upgrade", **{"from": before, "to": to})
    if plan:
        print_json(found) if as_json else _show_plan(found)
        return
    if not as_json:
        _show_plan(found)
    asked = [need["scope"] for need in found["added_scopes"]]
    if asked and consent is None and not typer.confirm(f"Consent to {', '.join(asked)}?", err=True):
        fail("Not upgraded")
    drafts = [use["flow_id"] for use in found["uses"] if use["place"] == "draft"]
    body = {
        "from_version": before,
        "to_version": to,
        "consent_scopes": asked if consent is None else consent,
        "flows": drafts if all_flows else flow or [],
        "publish": publish,
    }
    _show_done(client.post(f"/projects/{project}/installs/{code}:upgrade", body), as_json=as_json)


def roll_back_plugin(
    project: Project, code: Code, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Undo the last upgrade of a plugin: the flows it moved run the older version again."""
    _show_done(connect(url, token).post(f"/projects/{project}/installs/{code}:rollback"), as_json=as_json)


def update_plugins(project: Project, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Follow new versions at once, as far as the project's policy lets installs follow by themselves."""
    done = connect(url, token).post(f"/projects/{project}/installs:update")["items"]
    if as_json:
        print_json(done)
        return
    for each in done:
        _show_done(each, as_json=False)
    if not done:
        typer.echo("Nothing is to be followed")


def remove_plugin(
    project: Project,
    code: Code,
    version: Annotated[str, typer.Option(help="Version [default: all of them]")] = "",
    force: Annotated[bool, typer.Option("--force", help="Even where flows or tasks run it")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Take a consent back; refused with a list while flows or tasks run the plugin."""
    query = "&".join([*([f"version={version}"] if version else []), *(["force=true"] if force else [])])
    connect(url, token).delete(f"/projects/{project}/installs/{code}" + (f"?{query}" if query else ""))
    typer.echo(f"{code} {version or '(all versions)'} is removed from {project}")


def _only_version(client: ApiClient, project: str, code: str) -> str:
    installs = client.items(f"/projects/{project}/installs")
    versions = [install["version"] for install in installs if install["plugin"] == code]
    if len(versions) != 1:
        found = f"has {', '.join(versions)}: name one with --from" if versions else f"does not have {code}"
        fail(f"{project} {found}", code=2)
    return str(versions[0])


def _show_plan(plan: Any) -> None:
    lines = [f"needs consent to {need['scope']}: {need['reason']['en']}" for need in plan["added_scopes"]]
    lines += [f"asks no more for {scope}" for scope in plan["removed_scopes"]]
    lines += [f"calls {component} as well" for component in plan["new_components"]]
    lines += [
        f"{change['place']} {change['what']['text']}{' (breaks)' if change['breaks'] else ''}"
        for change in plan["changes"]
    ]
    lines += [f"{use['place']} of {use['flow_name']} runs {use['version']}" for use in plan["uses"]]
    names = {use["flow_id"]: use["flow_name"] for use in plan["uses"]}
    lines += [
        f"{flow['place']} of {names.get(flow['flow_id'], flow['flow_id'])} breaks: {each['node']}: {each['problem']}"
        for flow in plan["broken"]
        for each in flow["breakages"]
    ]
    lines += [plan["refusal"]] if plan["refusal"] else []
    typer.echo(f"{plan['from_version']} → {plan['to_version']}:" + ("" if lines else " nothing that users notice"))
    for line in lines:
        typer.echo(f"  {line}")


def _show_done(done: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    typer.echo(f"{done['plugin']} {done['install']['version']} is installed")
    for flow in done["flows"]:
        what = f"revision {flow['revision']}" if flow["revision"] else f"draft {flow['draft_version']}"
        typer.echo(f"  {flow['flow_name']}: " + "; ".join([*([what] if flow["nodes"] else []), *_note(flow)]))


def _note(flow: Any) -> list[str]:
    return [flow["note"]] if flow["note"] else []
