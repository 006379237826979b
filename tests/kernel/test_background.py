import asyncio

import pytest

from kernel import background
from kernel.background import Repeating
from tests.support.patience import patience, until

_FAR = 3600.0


class _Turns:
    def __init__(self) -> None:
        self.count = 0
        self.came = asyncio.Event()

    async def take(self) -> bool:
        self.count += 1
        self.came.set()
        return False


async def test_the_first_turn_comes_at_the_start() -> None:
    turns = _Turns()
    work = Repeating("test", _FAR, turns.take)
    work.start()
    await turns.came.wait()
    await work.stop()
    assert turns.count == 1


async def test_what_nobody_waits_for_begins_after_its_pause() -> None:
    turns = _Turns()
    work = Repeating("test", 0.01, turns.take, at_once=False)
    work.start()
    await asyncio.sleep(0)
    assert turns.count == 0
    await turns.came.wait()
    await work.stop()


async def test_a_first_pause_is_no_longer_than_a_process_surely_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_FIRST_PAUSE_SECONDS", 0.01)
    turns = _Turns()
    work = Repeating("test", _FAR, turns.take, at_once=False)
    work.start()
    async with patience():
        await turns.came.wait()
    await work.stop()
    assert turns.count == 1


async def test_what_is_stopped_in_its_first_pause_takes_no_turn() -> None:
    turns = _Turns()
    work = Repeating("test", _FAR, turns.take, at_once=False)
    work.start()
    await asyncio.sleep(0)
    await work.stop()
    assert turns.count == 0


async def test_a_turn_that_fails_is_followed_by_the_next() -> None:
    turns = _Turns()

    async def failing() -> bool:
        await turns.take()
        raise LookupError

    work = Repeating("test", 0.001, failing)
    work.start()
    await until(lambda: turns.count >= 2)
    await work.stop()
