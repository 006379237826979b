"""`trunkline plugin policy|disable|enable`: which plugins a project, or the whole platform, takes."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_object

Place = Annotated[str, typer.Option("--project", help="Project, by code or id [default: the platform]")]
Code = Annotated[str, typer.Argument(help="Plugin")]
_MEMBERS = ("rules", "otherwise", "auto_update", "pinned")


def plugin_policy(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="The policy that shall hold [default: show it]")
    ] = None,
    project: Place = "",
    version: Annotated[int | None, typer.Option(help="Refuse when it isn't at that version any more")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show which plugins are taken, or replace the policy as a whole: it holds for nodes that run from now on too."""
    client = connect(url, token)
    if file is None:
        found = client.get(_path(project))
    else:
        found = client.put(_path(project), {**read_object(file), "version": version})
    if as_json:
        print_json(found)
        return
    document = {name: found[name] for name in _MEMBERS}
    typer.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip())
    _show_disabled(found)


def disable_plugin(
    code: Code,
    project: Place = "",
    reason: Annotated[str, typer.Option(help="Told to whoever runs it")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Switch a plugin off, at once: its nodes fail with the reason."""
    _show_disabled(connect(url, token).post(f"{_prefix(project)}/plugins/{code}:disable", {"reason": reason}))


def enable_plugin(code: Code, project: Place = "", url: UrlOption = "", token: TokenOption = "") -> None:
    """Switch a plugin on again."""
    connect(url, token).post(f"{_prefix(project)}/plugins/{code}:enable")
    typer.echo(f"{code} is on")


def _show_disabled(policy: Any) -> None:
    for each in policy["disabled"]:
        typer.echo(f"{each['plugin']} is switched off by {each['disabled_by']}" + _because(each["reason"]))


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _path(project: str) -> str:
    return f"{_prefix(project)}/plugin-policy"


def _prefix(project: str) -> str:
    return f"/projects/{project}" if project else ""
