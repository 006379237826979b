"""Whose call a plugin is given next."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from marketplace.hosting.errors import PluginAway
from marketplace.hosting.turns import FEW, Turns
from tests.support.patience import until


class Calls:
    """Calls of projects that stay in the plugin until a test lets them go."""

    def __init__(self, busy: float = 1.0, patience: float = 60.0) -> None:
        self.now = 0.0
        self.turns = Turns(lambda: self.now * busy, clock=lambda: self.now, patience=patience)
        self.inside: list[str] = []
        self._go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        for name in names:
            self._go[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._call(name))
        await settled()

    async def go(self, name: str) -> None:
        self._go[name].set()
        await settled()

    async def _call(self, name: str) -> None:
        async with self.turns.turn(name.rstrip("0123456789")):
            self.inside.append(name)
            await self._go[name].wait()
        self.inside.remove(name)


@pytest.fixture
async def calls(request: pytest.FixtureRequest) -> AsyncIterator[Calls]:
    made = Calls(**getattr(request, "param", {}))
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_another_projects_call_comes_next_however_many_wait(calls: Calls) -> None:
    await calls.come(*(f"big{number}" for number in range(100)))
    assert calls.inside == [f"big{number}" for number in range(FEW * 3 // 4)]
    await calls.come("small0", "small1")
    assert calls.inside[-2:] == ["small0", "small1"]
    await calls.come("small2", "small3")
    assert calls.inside[-1] == "small1"
    await calls.go("big0")
    await calls.go("big1")
    assert calls.inside[-2:] == ["big6", "small2"]


async def test_nobodys_place_is_kept_for_those_who_gave_up(calls: Calls) -> None:
    await calls.come(*(f"a{number}" for number in range(FEW)), "b0")
    for gone in (f"a{FEW - 1}", "b0", "a0"):
        calls.tasks[gone].cancel()
    await settled()
    assert calls.turns.under_way == len([name for name in calls.inside if name not in {"b0", "a0"}])
    await calls.come("c0")
    assert calls.inside[-1] == "c0"
    for name in list(calls.inside):
        if name not in {"b0", "a0"}:
            await calls.go(name)
    assert calls.turns.under_way == 0


async def test_who_is_called_off_in_the_moment_his_turn_comes_gives_it_back(calls: Calls) -> None:
    async with contextlib.AsyncExitStack() as others:
        for _ in range(FEW * 3 // 4 - 1):
            await others.enter_async_context(calls.turns.turn("a"))
        first = calls.turns.turn("a")
        await first.__aenter__()
        await calls.come("a0")
        await first.__aexit__(None, None, None)
        calls.tasks["a0"].cancel()
        await settled()
        assert calls.tasks["a0"].cancelled()
        assert calls.turns.under_way == FEW * 3 // 4 - 1
    assert calls.turns.under_way == 0


@pytest.mark.parametrize("calls", [{"patience": 0.05}], indirect=True)
async def test_a_turn_that_does_not_come_is_refused_and_nothing_was_handed_over(calls: Calls) -> None:
    await calls.come(*(f"a{number}" for number in range(FEW)))
    with pytest.raises(PluginAway):
        await calls.tasks[f"a{FEW - 1}"]
    await calls.go("a0")
    assert calls.turns.under_way == FEW * 3 // 4 - 1


async def test_of_calls_that_only_wait_more_are_let_in_though_none_comes_or_goes() -> None:
    turns, inside = Turns(lambda: 0.0), set[int]()

    async def call(number: int) -> None:
        async with turns.turn("a"):
            inside.add(number)
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call(number)) for number in range(60)]
        await until(lambda: len(inside) == len(tasks))
        for task in tasks:
            task.cancel()
    assert turns.under_way == 0
