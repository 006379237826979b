"""Runs the demo from its first step to its last; the exit code says whether all of it held."""

import asyncio
import signal
from pathlib import Path

from rich.console import Console

from trunkline.demo import flow_steps, gateway_steps
from trunkline.demo.api import Api, DemoFailed
from trunkline.demo.place import Place, open_place
from trunkline.demo.show import Show


def run_demo(*, host: str, port: int | None, data: Path | None, keep_serving: bool) -> int:
    """0 when every step held, 1 otherwise. With `keep_serving` it ends when interrupted.

    Told to terminate, it ends its server too: a server left alone would hold the port.
    """
    console = Console(highlight=False)
    try:
        asyncio.run(_run(console, host, port, data, keep_serving=keep_serving))
    except DemoFailed as failure:
        console.print(f"[red]The demo failed:[/] {failure}", markup=True)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0 if keep_serving else 1
    return 0


async def _run(console: Console, host: str, port: int | None, data: Path | None, *, keep_serving: bool) -> None:
    show = Show(console)
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with open_place(host, port, data) as place:
        api = Api(place.url, {"Authorization": f"Bearer {place.token}"})
        try:
            await _steps(place, api, show)
        finally:
            await api.close()
        console.print("\n[bold green]Every step held.[/]")
        if keep_serving:
            _invite(console, place)
            await place.server.wait()


async def _steps(place: Place, api: Api, show: Show) -> None:
    await gateway_steps.import_systems(place, api, show)
    secret = await gateway_steps.create_app(api, show)
    token = await gateway_steps.get_token(place, show, secret)
    inventory = await gateway_steps.call_inventory(place, show, token)
    await gateway_steps.show_refusals(place, api, show, secret, token)
    await flow_steps.install_plugins(api, show)
    flow_id = await flow_steps.publish_flow(api, show)
    await flow_steps.launch(place, show, api, flow_id, inventory)


def _invite(console: Console, place: Place) -> None:
    console.print(f"\nOpen {place.url} and sign in:")
    console.print(f"  admin / {place.admin_password}   sees everything", markup=False)
    console.print(f"  {flow_steps.LAUNCHER} / {flow_steps.LAUNCHER_PASSWORD}   may launch one flow", markup=False)
    console.print("Stop with Ctrl-C.")
