"""What the inventory does by itself while its process runs."""

from collections.abc import Sequence

from kernel.background import Repeating


class Background:
    def __init__(self, works: Sequence[Repeating]) -> None:
        self._works = tuple(works)

    async def start(self) -> None:
        for work in self._works:
            work.start()

    async def stop(self) -> None:
        for work in reversed(self._works):
            await work.stop()
