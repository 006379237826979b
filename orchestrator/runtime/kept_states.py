"""States of tasks that a worker let go: most come back to it, and need not be read again."""

from collections import OrderedDict

from orchestrator.engine.model import State


class KeptStates:
    """Those that were kept first go first, once there are more tasks, or more node runs in them, than may be.

    Args:
        tasks: how many at most.
        runs: how many node runs they may have together: a task is as large as its flow.
    """

    def __init__(self, tasks: int = 256, runs: int = 10_000) -> None:
        self._tasks = tasks
        self._most_runs = runs
        self._runs = 0
        self._kept: OrderedDict[str, tuple[int, State]] = OrderedDict()

    def put(self, fence: int, state: State) -> None:
        self.take(state.task_id)
        self._kept[state.task_id] = (fence, state)
        self._runs += len(state.runs)
        while len(self._kept) > self._tasks or self._runs > self._most_runs:
            self._forget(self._kept.popitem(last=False)[1][1])

    def take(self, task_id: str) -> tuple[int, State] | None:
        """Fence and state, which are kept no longer."""
        held = self._kept.pop(task_id, None)
        if held is not None:
            self._forget(held[1])
        return held

    def _forget(self, state: State) -> None:
        self._runs -= len(state.runs)
