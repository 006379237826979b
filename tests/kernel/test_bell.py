import asyncio

from kernel.bell import Bell

_FAR = 3600.0


async def test_ringing_ends_the_wait_under_way_and_the_next_one_until_it_is_cleared() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait(_FAR))
    await asyncio.sleep(0)
    bell.ring()
    bell.ring()
    await waiting
    await bell.wait(_FAR)
    bell.clear()
    again = asyncio.create_task(bell.wait(_FAR))
    await asyncio.sleep(0)
    assert not again.done()
    bell.ring()
    await again


async def test_the_limit_ends_a_wait_without_a_ring() -> None:
    bell = Bell()
    await bell.wait(0.0)
    assert not bell.is_rung()


async def test_a_wait_that_was_broken_off_leaves_the_bell_as_it_was() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait(_FAR))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    bell.ring()
    await bell.wait(_FAR)
