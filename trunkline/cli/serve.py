"""Commands that run a process of the product until it is told to stop."""

import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from kernel.first_start import FILE_NAME, complete_settings, kept_settings
from kernel.logging import configure_logging
from trunkline.cli.demo import demo as run_demo
from trunkline.cli.environment import environment_settings
from trunkline.listening import ListeningServer
from trunkline.workers import serve_by_several

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  what to dial instead of "all addresses"
_SHUTDOWN_SECONDS = 10
_START_SECONDS = 60

DataOption = Annotated[Path | None, typer.Option("--data", help="Data directory [default: ./data]", metavar="DIR")]
HostOption = Annotated[str, typer.Option(help="Address to listen on")]
PortOption = Annotated[int, typer.Option(min=1, max=65535)]


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    data: DataOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port")] = 1,
    worker: Annotated[bool, typer.Option(help="Also run tasks in these processes")] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Run the demo against this server first")] = False,
) -> None:
    """Serve everything: gateway, management API, console, embedded systems and a worker."""
    if demo:
        run_demo(serve=True, port=port, data=data)
    _prepare(host, port, data)
    _announce(port, host)
    _run("trunkline.app:create_server" if worker else "trunkline.app:create_server_without_worker", host, port, workers)


def gateway(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    data: DataOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port")] = 1,
) -> None:
    """Serve the data plane alone; it starts from its copy on disk when the database is away."""
    _prepare(host, port, data)
    _run("trunkline.app:create_gateway", host, port, workers)


def worker(host: HostOption = "127.0.0.1", port: PortOption = 8081, data: DataOption = None) -> None:
    """Run tasks; serves nothing but /livez, /readyz and /metrics."""
    _prepare(host, port, data, serves=False)
    _run("trunkline.app:create_worker", host, port, 1)


def _prepare(host: str, port: int, data: Path | None, *, serves: bool = True) -> None:
    """Settles the settings in the environment, where every process of this command reads them."""
    if data is not None:
        os.environ["TRUNKLINE_DATA_DIR"] = str(data)
    if serves:
        os.environ.setdefault("TRUNKLINE_PUBLIC_URL", f"http://{_ANY_ADDRESS.get(host, host)}:{port}")
    elif not os.environ.get("TRUNKLINE_PUBLIC_URL"):
        # Guessed, it would be wrong where it matters: every token would name another issuer, and every task fail.
        raise typer.BadParameter(
            "is not set; give the worker the server's own, tokens and callbacks carry it",
            param_hint="TRUNKLINE_PUBLIC_URL",
        )
    if not serves and not kept_settings(environment_settings()).secret_key.get_secret_value():
        raise typer.BadParameter(
            "is not set, and the data directory holds none; give the worker the server's own, it opens what is sealed",
            param_hint="TRUNKLINE_SECRET_KEY",
        )
    settings, written = complete_settings(environment_settings())
    configure_logging(settings.log_level, as_json=settings.log_json)
    if written:
        typer.echo(
            f"Secrets were made and written to {settings.data_dir / FILE_NAME} (readable by you alone).", err=True
        )


def _announce(port: int, host: str) -> None:
    address = f"http://{_ANY_ADDRESS.get(host, host)}:{port}"
    typer.echo(
        f"Trunkline is starting on {address} - sign in as admin; the password stands in the data directory.", err=True
    )


def _run(factory: str, host: str, port: int, workers: int) -> None:
    # The server raises SIGTERM once more when it has stopped in good order; ending so is no failure.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    # Loading makes a million objects that stay: walking them again and again is a quarter of the start. The process
    # that serves collects again from when it is built.
    gc.disable()
    config = uvicorn.Config(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="gateway.dataplane.server:GatewayProtocol",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        # A process that is still importing answers no health check; replacing it would only begin again.
        timeout_worker_healthcheck=_START_SECONDS,
    )
    if workers > 1:
        serve_by_several(config)
    else:
        _serve_alone(config)


def _serve_alone(config: uvicorn.Config) -> None:
    config.load_app()
    server = ListeningServer(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
