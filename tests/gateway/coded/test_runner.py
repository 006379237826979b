"""The code of others runs elsewhere: however it behaves, the caller's loop goes on."""

import asyncio
import threading

import pytest

from gateway.coded.runner import CodedLoop
from tests.support.patience import PATIENCE_SECONDS


async def nothing() -> None:
    pass


async def test_work_runs_in_another_thread_and_its_errors_come_back() -> None:
    loop = CodedLoop()
    loop.start()

    async def where() -> str:
        return threading.current_thread().name

    async def fails() -> None:
        raise LookupError("gone")

    assert await loop.run(where(), 5) == "coded components"
    with pytest.raises(LookupError, match="gone"):
        await loop.run(fails(), 5)
    await loop.stop(nothing())
    with pytest.raises(RuntimeError):
        await loop.run(where(), 5)


async def test_blocking_work_does_not_block_the_caller() -> None:
    loop = CodedLoop()
    loop.start()
    release = threading.Event()

    async def blocks() -> None:
        release.wait(PATIENCE_SECONDS)

    running = asyncio.create_task(loop.run(blocks(), 20))
    await asyncio.sleep(0.05)
    assert not running.done()
    release.set()
    await running
    with pytest.raises(TimeoutError):
        await loop.run(asyncio.sleep(20), 0.05)
    await loop.stop(nothing())


async def test_stopping_leaves_a_stuck_thread_behind() -> None:
    loop = CodedLoop()
    loop.start()
    release = threading.Event()

    async def blocks() -> None:
        release.wait(PATIENCE_SECONDS)

    stuck = asyncio.create_task(loop.run(blocks(), 0.05))
    with pytest.raises(TimeoutError):
        await stuck
    await loop.stop(nothing(), seconds=0.1)
    release.set()
