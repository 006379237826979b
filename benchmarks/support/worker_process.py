"""A worker in a process of its own, with a plugin that only takes time."""

import asyncio
import time
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from kernel.clock import SystemClock
from kernel.contracts.plugin_invoker import CancelResult, CancelState, PluginCall, PluginResult, PluginState
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.wake_ups import carrier  # noqa: F401 - loaded before the processes are forked
from orchestrator.runtime.wake_ups.wake_ups import WakeUps
from orchestrator.runtime.worker import Worker

PLACES = 50
_DONE = PluginResult(PluginState.SUCCESS, outputs={"value": 1})


class Elsewhere:
    """A plugin that takes its time somewhere else."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.nodes = 0

    async def execute(self, call: PluginCall) -> PluginResult:  # noqa: ARG002 - the contract's signature
        self.nodes += 1
        if self._seconds:
            await asyncio.sleep(self._seconds)
        return _DONE

    poll = execute

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:  # noqa: ARG002 - the contract's signature
        return _DONE

    async def cancel(self, call: PluginCall) -> CancelResult:  # noqa: ARG002 - the contract's signature
        return CancelResult(CancelState.NOT_OFFERED)


def work(url: str, redis_url: str, seconds: float, line: Connection) -> None:
    """A worker's process: says when it is ready, works until it is told to stop, then tells what it did."""
    uvloop.run(_work(url, redis_url, seconds, line))


async def _work(url: str, redis_url: str, seconds: float, line: Connection) -> None:
    plugin = Elsewhere(seconds)
    worker = Worker(
        open_store(url),
        plugin,
        CallbackTokens([b"bench"]),
        SystemClock(),
        callbacks_url="http://127.0.0.1/v1/callbacks",
        lock_folder=None,
        on_committed=lambda _task: None,
        pace=Pace(calls=PLACES, beat=0.2),
    )
    wake_ups = WakeUps(worker, redis_url)
    await worker.start()
    wake_ups.start()
    await asyncio.sleep(1)  # until all know of each other
    cpu = time.process_time()
    line.send("ready")
    await asyncio.to_thread(line.recv)
    line.send((plugin.nodes, time.process_time() - cpu))
    await wake_ups.stop()
    await worker.stop()
