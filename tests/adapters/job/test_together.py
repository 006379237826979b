"""Things asked for one by one and done together."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.job.service.together import Together


class Work:
    """Doubles numbers, a batch at a time; 13 spoils its batch and 7 has a failure of its own."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(items))
        await asyncio.sleep(0)
        if 13 in items:
            raise ValueError("13")
        return [KeyError(7) if item == 7 else item * 2 for item in items]


async def test_what_is_asked_meanwhile_is_done_at_once_afterwards() -> None:
    work = Work()
    doubled = Together(work, 3)
    assert await asyncio.gather(*(doubled(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert work.batches == [[0, 1, 2], [3, 4]]
    assert await doubled(9) == 18


async def test_one_that_cannot_be_done_spoils_no_other() -> None:
    doubled = Together(Work(), 10)
    results = await asyncio.gather(*(doubled(number) for number in (1, 13, 7, 2)), return_exceptions=True)
    assert (results[0], results[3]) == (2, 4)
    assert isinstance(results[1], ValueError)
    assert isinstance(results[2], KeyError)
    with pytest.raises(KeyError):
        await doubled(7)


async def test_who_no_longer_waits_is_passed_over() -> None:
    work = Work()
    doubled = Together(work, 10)
    first, gone = asyncio.create_task(doubled(1)), asyncio.create_task(doubled(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await first == 2
    await doubled.finish()
    assert await doubled(3) == 6
    assert 3 in work.batches[-1]
