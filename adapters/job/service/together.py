"""Work asked for one by one and done together: what is asked while some is under way is done after it, at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Args:
    work: does all items; answers a result or an exception for each, in their order. When it raises, each item is
        tried alone, so that one that can't be done spoils no other.
    most: items that are done together at most.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Raises what the work raises."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work_off())
        return await done

    async def finish(self) -> None:
        """Waits for what is under way."""
        if self._worker is not None:
            await asyncio.wait({self._worker})

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                await self._do([(item, done) for item, done in taken if not done.done()])
        finally:
            self._worker = None

    async def _do(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not taken:
            return
        try:
            results = await self._work([item for item, _ in taken])
        except Exception as error:  # noqa: BLE001  handed on to who asked
            if len(taken) > 1:
                for one in taken:
                    await self._do([one])
                return
            results = [error]
        for (_, done), result in zip(taken, results, strict=True):
            if done.done():
                continue
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)
