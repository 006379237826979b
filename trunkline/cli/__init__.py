"""The `trunkline` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import typer

from trunkline.cli import access, audit, serve, system

app = typer.Typer(
    name="trunkline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="API gateway, plugin marketplace and flow orchestrator.",
)
app.command()(serve.serve)
app.command()(serve.gateway)
app.command()(serve.worker)
app.add_typer(system.app, name="system")
app.add_typer(access.apps, name="app")
app.add_typer(access.grants, name="grant")
app.add_typer(audit.app, name="audit")


def main() -> None:
    app()
