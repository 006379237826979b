from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Hands items out round by round, one per project, while fewer than ``limit`` are out.

    A project with ten thousand nodes waiting delays another project's first node by one place, not by ten thousand.
    """

    def __init__(self, limit: int, start: Callable[[Item], None]) -> None:
        self._limit = limit
        self._start = start
        self._waiting: dict[str, deque[Item]] = {}
        self._turns: deque[str] = deque()
        self.out = 0

    def put(self, project: str, item: Item) -> None:
        """Starts the item now or when its turn has come."""
        if self.out < self._limit and not self._turns:
            self.out += 1
            self._start(item)
            return
        waiting = self._waiting.get(project)
        if waiting is None:
            waiting = self._waiting[project] = deque()
            self._turns.append(project)
        waiting.append(item)

    def done(self) -> None:
        """An item that was started is over."""
        self.out -= 1
        while self.out < self._limit and self._turns:
            project = self._turns.popleft()
            waiting = self._waiting[project]
            item = waiting.popleft()
            if waiting:
                self._turns.append(project)
            else:
                del self._waiting[project]
            self.out += 1
            self._start(item)
