"""Plugins that do what a test tells them, behind the contract of the real ones."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.contracts.plugin_invoker import (
    CallRecord,
    CancelResult,
    CancelState,
    ChangesRefused,
    PluginCall,
    PluginResult,
    PluginState,
)

_POLL_SECONDS = 0.02


@dataclass(slots=True)
class ScriptedInvoker:
    """`look` only reads: it answers its inputs, fails with an `error` among them, and with `hold` runs as `hold` does.
    The others change something: `echo` answers its inputs, `check` fails unless told `ok`, `count` is polled `times`
    times, `wait` waits for a callback, of a system or of a task it started, `hold` runs until `release` is set.

    Attributes:
        calls: every invocation, as `execute:node`, in order, with the call.
        cancels: those of runs that were cancelled; `cancelled` is what they are answered.
    """

    calls: list[tuple[str, PluginCall]] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    cancels: list[PluginCall] = field(default_factory=list)
    cancelled: CancelResult = field(default_factory=lambda: CancelResult(CancelState.CANCELLED))

    async def execute(self, call: PluginCall) -> PluginResult:
        if call.reads_only and call.plugin != "look":
            raise ChangesRefused(call.plugin)
        self.calls.append(("execute", call))
        match call.plugin:
            case "look":
                return await self._look(call)
            case "echo":
                return _success(call, call.inputs)
            case "check":
                return _checked(call)
            case "count":
                return PluginResult(PluginState.POLL, storage={"seen": 0}, poll_after_seconds=_POLL_SECONDS)
            case "wait":
                return PluginResult(PluginState.CALLBACK, storage={"asked": True})
            case "hold":
                self.holding.set()
                await self.release.wait()
                return _success(call, {"held": True})
        raise AssertionError(f"no script for the plugin {call.plugin}")

    async def _look(self, call: PluginCall) -> PluginResult:
        if "error" in call.inputs:
            return PluginResult(PluginState.FAIL, error=call.inputs["error"])
        if "hold" in call.inputs:
            await self.release.wait()
        return _success(call, call.inputs)

    async def poll(self, call: PluginCall) -> PluginResult:
        self.calls.append(("poll", call))
        seen = call.storage["seen"] + 1
        if seen >= call.inputs["times"]:
            return _success(call, {"seen": seen})
        return PluginResult(PluginState.POLL, storage={"seen": seen}, poll_after_seconds=_POLL_SECONDS)

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        self.calls.append(("callback", call))
        match data:
            case {"done": True, "said": said}:
                return _success(call, {"said": said})
            case {"state": "FINISHED", "outputs": outputs}:
                return _success(call, {"outputs": outputs})
        return PluginResult(PluginState.FAIL, error=data.get("error") or "the other side refused")

    async def cancel(self, call: PluginCall) -> CancelResult:
        self.cancels.append(call)
        return self.cancelled

    def executed(self) -> list[str]:
        """Plugin of each first invocation, in order."""
        return [call.plugin for kind, call in self.calls if kind == "execute"]


def scripted_plugins() -> list[InstalledPlugin]:
    anything: Mapping[str, Any] = {"type": "object"}
    return [
        InstalledPlugin(code, "1.0.0", {"en": code}, anything, anything, frozenset({f"{code}:use"}))
        for code in ("look", "echo", "check", "count", "wait", "hold")
    ]


def _checked(call: PluginCall) -> PluginResult:
    if call.inputs.get("ok"):
        return _success(call, {"checked": True})
    return PluginResult(PluginState.FAIL, error="not ok", log=("looked at it",))


def _success(call: PluginCall, outputs: Mapping[str, Any]) -> PluginResult:
    made = CallRecord("cmdb.search", 200, "f" * 32, f"{call.node_run_id}:1")
    return PluginResult(PluginState.SUCCESS, outputs, calls=(made,), log=("done",))
