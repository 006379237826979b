"""`trunkline plugin serve`: a plugin's code as a service, in a process of its own that knows nothing of the server."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.plugin_check import Python


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
    typer.echo(f"http://{host}:{port}/ tries the plugin; flows call http://{host}:{port}/bk_plugin/")
    sys.stdout.flush()
    # This process becomes the server: signals reach it, and nothing of it is left behind.
    os.execvp(python, command)  # noqa: S606
