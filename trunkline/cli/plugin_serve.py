"""`trunkline plugin serve`: a plugin's code as a service, in a process of its own that knows nothing of the server."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MANIFEST
from marketplace.package.yaml_text import read_yaml
from trunkline.cli.plugin_check import Python
from trunkline.console import console_path

_CODE_NAMES: Final = ("BKPAAS_APP_ID", "BKPAAS_APP_CODE", "APP_CODE", "BK_APP_CODE")
"""By which an environment tells a plugin its code."""


def serve_plugin(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder with bk_plugin/")] = Path(),
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Where runs that wait are kept [default: FOLDER/.trunkline-plugin]")
    ] = None,
    reload: Annotated[bool, typer.Option(help="Begin anew when a file changes")] = True,
    python: Python = sys.executable,
) -> None:
    """Serve a plugin's code; the page at / tries it: form, run, polls, callback and log."""
    command = [python, "-m", "trunkline_plugin", "serve", str(folder), "--port", str(port), "--host", host]
    command += ["--data", str(data)] if data is not None else []
    command += ["--reload"] if reload else []
    command += _page(folder)
    code = _code_of(folder)
    if code and not any(name in os.environ for name in _CODE_NAMES):
        os.environ[_CODE_NAMES[0]] = code
    typer.echo(f"http://{host}:{port}/ tries the plugin; flows call http://{host}:{port}/bk_plugin/")
    sys.stdout.flush()
    # This process becomes the server: signals reach it, and nothing of it is left behind.
    os.execvp(python, command)  # noqa: S606


def _page(folder: Path) -> list[str]:
    """The console draws forms as flows show them; the kit has none of it, and is lent its page. Without a built console
    it shows a small one of its own.
    """
    page = console_path()
    if not (page / "try-plugin.html").is_file():
        return []
    form = [sys.executable, "-m", "trunkline", "plugin", "form", "--program"]
    manifest = folder / MANIFEST
    form += ["--manifest", str(manifest.resolve())] if manifest.is_file() else []
    return ["--page", str(page), "--form-command", shlex.join(form)]


def _code_of(folder: Path) -> str:
    """As the manifest says; empty where there is none that can be read."""
    try:
        return str(read_yaml((folder / MANIFEST).read_bytes())["code"])
    except (OSError, PackageRefused, KeyError, TypeError):
        return ""
