"""`trunkline demo`."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.client import fail

_DEFAULT_PORT = 8080


def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave everything running for the browser")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="[default: a free one; 8080 with --serve]")] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="[default: a temporary folder]")] = None,
) -> None:
    """Run the main job on embedded parts: systems, app, calls, refusals, plugins, a flow, a task, a mail."""
    try:
        from trunkline.demo.run import run_demo  # noqa: PLC0415  its extra is not needed to serve
    except ModuleNotFoundError as error:
        fail(f"The demo needs {error.name}: pip install 'trunkline[demo]'")
    chosen = port or (_DEFAULT_PORT if serve else None)
    raise typer.Exit(run_demo(host="127.0.0.1", port=chosen, data=data, keep_serving=serve))
