import asyncio

import pytest

from kernel.timed_cache import TimedCache


class _Source:
    def __init__(self) -> None:
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, key: str) -> str:
        self.loads += 1
        value = f"{key}{self.loads}"
        await self.gate.wait()
        return value


async def test_a_value_is_kept_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("kernel.timed_cache.monotonic", lambda: now)
    source = _Source()
    cache = TimedCache(source.load, seconds=5)
    assert [await cache.get("a"), await cache.get("a"), await cache.get("b")] == ["a1", "a1", "b2"]
    now += 5
    assert await cache.get("a") == "a3"


async def test_many_who_ask_at_once_share_one_load() -> None:
    source = _Source()
    cache = TimedCache(source.load, seconds=10)
    assert set(await asyncio.gather(*(cache.get("a") for _ in range(50)))) == {"a1"}


async def test_what_is_forgotten_while_it_loads_is_not_kept() -> None:
    source = _Source()
    source.gate.clear()
    cache = TimedCache(source.load, seconds=10)
    waiting = asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cache.forget("a")
    source.gate.set()
    assert await waiting == "a1"
    assert await cache.get("a") == "a2"


async def test_a_failed_load_is_not_kept() -> None:
    loads = 0

    async def fail(_key: str) -> str:
        nonlocal loads
        loads += 1
        raise LookupError

    cache = TimedCache(fail, seconds=10)
    for _ in range(2):
        with pytest.raises(LookupError):
            await cache.get("a")
    assert loads == 2


async def test_one_who_gives_up_does_not_spoil_it_for_the_others() -> None:
    source = _Source()
    source.gate.clear()
    cache = TimedCache(source.load, seconds=10)
    first, second = asyncio.create_task(cache.get("a")), asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == "a1"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_oldest_value_gives_way() -> None:
    source = _Source()
    cache = TimedCache(source.load, seconds=10, size=2)
    for key in ("a", "b", "c"):
        await cache.get(key)
    assert await cache.get("c") == "c3"
    assert await cache.get("a") == "a4"
