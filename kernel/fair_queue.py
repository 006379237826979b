"""Turns at something scarce, by project."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Hands items out round by round, one per project, while fewer than ``limit`` are out.

    A project with ten thousand nodes waiting delays another project's first node by one place, not by ten thousand; and
    since it never has all places, not even until one of its slow ones is over.

    Args:
        share: project → how many of its items may be out at once; all places when it is not given.
    """

    def __init__(self, limit: int, start: Callable[[Item], None], share: Callable[[str], int] | None = None) -> None:
        self.limit = limit
        self._start = start
        self._share = share or (lambda _project: self.limit)
        self._waiting: dict[str, deque[Item]] = {}
        self._turns: deque[str] = deque()
        self._out: Counter[str] = Counter()
        self.out = 0

    @property
    def is_crowded(self) -> bool:
        """Whether items wait."""
        return bool(self._turns)

    def put(self, project: str, item: Item) -> None:
        """Starts the item now or when its turn has come."""
        waiting = self._waiting.get(project)
        if waiting is None:
            if self.out < self.limit and not self._turns and self._has_room(project):
                self._hand_out(project, item)
                return
            waiting = self._waiting[project] = deque()
            self._turns.append(project)
        waiting.append(item)
        self._hand_out_more()

    def resize(self, limit: int) -> None:
        """So many may be out from now on; of those that are, none is called back."""
        self.limit = limit
        self._hand_out_more()

    def withdraw(self, project: str, item: Item) -> None:
        """An item that was put and not started is wanted no more."""
        waiting = self._waiting[project]
        waiting.remove(item)
        if not waiting:
            del self._waiting[project]
            self._turns.remove(project)

    def done(self, project: str) -> None:
        """An item of the project that was started is over."""
        self.out -= 1
        self._out[project] -= 1
        if not self._out[project]:
            del self._out[project]
        self._hand_out_more()

    def _hand_out_more(self) -> None:
        while self.out < self.limit and (turn := self._next_turn()) is not None:
            waiting = self._waiting[turn]
            item = waiting.popleft()
            if waiting:
                self._turns.append(turn)
            else:
                del self._waiting[turn]
            self._hand_out(turn, item)

    def _next_turn(self) -> str | None:
        """The first project in turn that has not its share out."""
        for _ in range(len(self._turns)):
            project = self._turns.popleft()
            if self._has_room(project):
                return project
            self._turns.append(project)
        return None

    def _has_room(self, project: str) -> bool:
        return self._out[project] < self._share(project)

    def _hand_out(self, project: str, item: Item) -> None:
        self.out += 1
        self._out[project] += 1
        self._start(item)
