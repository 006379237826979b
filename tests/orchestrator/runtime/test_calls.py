"""Calls under way at once: as many as are worth while, and never all of them one project's."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.crowding import LOOK_SECONDS, Crowding
from orchestrator.engine.effects import ExecuteNode
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.calls import Calls
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.plugin_calls import CallRights
from tests.support.runtime import Uncancelled


class Holding(Uncancelled):
    """Plugins that answer when a test lets them."""

    def __init__(self) -> None:
        self.inside: list[asyncio.Event] = []

    async def execute(self, call: PluginCall) -> PluginResult:
        gone = asyncio.Event()
        self.inside.append(gone)
        await gone.wait()
        self.inside.remove(gone)
        return PluginResult(PluginState.SUCCESS, storage=call.storage)

    async def poll(self, call: PluginCall) -> PluginResult:
        raise NotImplementedError

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        raise NotImplementedError


class Given:
    async def given(self, call: PluginCall, graph: object, node: str) -> PluginCall:
        return call


def actor_of(project: str) -> TaskActor:
    return cast(
        "TaskActor",
        SimpleNamespace(
            facts=SimpleNamespace(project_id=project),
            gone=False,
            graph=None,
            wants=lambda _invocation: True,
            answered=lambda _invocation, _result: None,
        ),
    )


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def call() -> PluginCall:
    return cast("PluginCall", SimpleNamespace(storage={}, launched_by="", plugin="greet"))


class Time:
    def __init__(self, busy: float) -> None:
        self.now = 0.0
        self.crowding = Crowding(lambda: self.now * busy, first=200, few=64, most=200, clock=lambda: self.now)


@pytest.mark.parametrize(("busy", "share"), [(1.0, 48), (0.1, 150)])
async def test_who_gets_no_more_done_has_fewer_under_way(call: PluginCall, busy: float, share: int) -> None:
    time, plugins, one, other = Time(busy), Holding(), actor_of("one"), actor_of("other")
    calls = Calls(plugins, cast("CallRights", Given()), Pace(calls=200), crowding=time.crowding)
    for number in range(400):
        time.now += LOOK_SECONDS
        calls.put(one, ExecuteNode("a", f"t.{number}", 1, {}), call)
        await settled()
    for _ in range(150):
        plugins.inside[0].set()
        await settled()
    assert len(plugins.inside) == share
    calls.put(other, ExecuteNode("a", "u.1", 1, {}), call)
    await settled()
    assert len(plugins.inside) == share + 1
    await calls.stop()
