"""`trunkline plugin new`: the first draft of a plugin of either kind."""

import re
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from marketplace.authoring.component_draft import component_draft
from marketplace.authoring.python_draft import python_draft
from marketplace.authoring.remote_draft import remote_draft
from marketplace.package.compatibility import parsed
from marketplace.package.errors import PackageRefused
from marketplace.package.manifest import PluginKind
from marketplace.package.plugin_detail import PluginDetail, read_detail
from trunkline.cli.client import fail

_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")
_SECONDS = 20


def new_plugin(
    code: Annotated[str, typer.Argument(help="Code of the plugin: lower case, digits and underscores")],
    kind: Annotated[
        PluginKind, typer.Option(help="component: calls of systems; python: code of yours; remote: a service of yours")
    ] = PluginKind.COMPONENT,
    publisher: Annotated[str, typer.Option(help="Name you publish under")] = "example",
    folder: Annotated[Path | None, typer.Option(file_okay=False, help="Where to write it [default: ./CODE]")] = None,
    served_at: Annotated[str, typer.Option("--from", help="Of a remote plugin: the address it is served at")] = "",
    system: Annotated[
        str, typer.Option(help="Of a remote plugin: the system it is registered as [default: CODE]")
    ] = "",
) -> None:
    """Write the first draft of a plugin."""
    for name in (code, publisher):
        if not _NAME.fullmatch(name):
            fail(f"{name!r} must begin with a letter and hold lower-case letters, digits and underscores", code=2)
    if kind is PluginKind.FLOW:
        fail("a flow is shared as it is: trunkline flow share", code=2)
    if (kind is PluginKind.REMOTE) != bool(served_at):
        fail("--from ADDRESS goes with --kind remote, and only with it", code=2)
    target = folder or Path(code)
    if target.exists() and any(target.iterdir()):
        fail(f"{target} is not empty; choose another folder with --folder")
    for name, content in _draft(kind, code, publisher, served_at, system or code.replace("_", "-")).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    typer.echo(f"{target} holds a plugin that passes its checks. {_next(kind, target, served_at, system or code)}")


def _draft(kind: PluginKind, code: str, publisher: str, served_at: str, system: str) -> dict[str, bytes]:
    if kind is PluginKind.COMPONENT:
        return component_draft(code, publisher)
    if kind is PluginKind.PYTHON:
        return python_draft(code, publisher)
    return remote_draft(code, publisher, system, served_at.rstrip("/"), _newest(served_at.rstrip("/")))


def _next(kind: PluginKind, target: Path, served_at: str, system: str) -> str:
    if kind is PluginKind.COMPONENT:
        return f"Edit plugin.yaml, then: trunkline plugin check {target}"
    if kind is PluginKind.PYTHON:
        return f"Edit bk_plugin/versions, then: trunkline plugin serve {target}"
    name = system.replace("_", "-")
    return (
        f"Register the service: trunkline system import {target}/system.yaml --name {name} --upstream {served_at} "
        f"--signing jwt; edit plugin.yaml, then: trunkline plugin check {target}"
    )


def _newest(served_at: str) -> PluginDetail:
    """What the service says of its newest version."""
    versions = _asked(f"{served_at}/bk_plugin/meta/").json()["data"]["versions"]
    if not versions:
        fail(f"{served_at} serves no version")
    newest = max(versions, key=parsed)
    answer: dict[str, Any] = _asked(f"{served_at}/bk_plugin/detail/{newest}").json()
    try:
        return read_detail(httpx.Response(200, json=answer["data"]).content)
    except PackageRefused as refusal:
        fail(f"{served_at} answers what no plugin answers: {refusal.detail}")


def _asked(url: str) -> httpx.Response:
    try:
        answer = httpx.get(url, timeout=_SECONDS, follow_redirects=True)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        fail(f"{url} can't be read: {error}")
    if not isinstance(found, dict) or found.get("result") is not True or not isinstance(found.get("data"), dict):
        fail(f"{url} is not what a plugin answers")
    return answer
