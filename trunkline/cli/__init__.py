"""The `trunkline` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import typer

from trunkline.cli.commands import loaded_later

_COMMANDS = {
    "serve": "serve:serve",
    "gateway": "serve:gateway",
    "worker": "serve:worker",
    "demo": "demo:demo",
    "migrate": "maintain:migrate",
    "openapi": "maintain:openapi",
    "doctor": "maintain:doctor",
    "system": "system:app",
    "draft": "draft:app",
    "release": "release:app",
    "stage": "stage:app",
    "upstream": "upstream:upstreams",
    "signing": "upstream:signing",
    "app": "access:apps",
    "grant": "grant:grants",
    "deputy": "deputy:app",
    "keys": "signing_keys:app",
    "user": "user:app",
    "explain": "explain:app",
    "policy": "policy:app",
    "mcp": "mcp:app",
    "plugin": "plugin:app",
    "flow": "flow:app",
    "task": "task:app",
    "request": "request:app",
    "mini-app": "mini_app:app",
    "schedule": "schedule:app",
    "trigger": "trigger:app",
    "archive": "archive:app",
    "quota": "quota:app",
    "executor": "executor:app",
    "variable": "variable:app",
    "secret": "secret:app",
    "audit": "audit:app",
}

app = typer.Typer(
    cls=loaded_later(_COMMANDS),
    name="trunkline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def trunkline() -> None:
    """API gateway, plugin marketplace and flow orchestrator."""


def main() -> None:
    app()
