from collections import deque

from orchestrator.engine.effects import Advanced, Change, Effect, Settled
from orchestrator.engine.model import Run, State


class Batch:
    """Several advances as one."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.runs: dict[str, Run] = {}
        self.changes: list[Change] = []
        self.pending: deque[Effect] = deque()
        self.effects: list[Effect] = []
        self.settled: list[Settled] = []
        self.durable = False
        self.local = 0

    def add(self, advanced: Advanced) -> None:
        self.state = advanced.state
        self.runs.update(advanced.runs)
        self.changes += advanced.changes
        self.pending += advanced.effects
        self.settled += advanced.settled
        self.durable = self.durable or advanced.durable

    def advanced(self) -> Advanced:
        return Advanced(
            self.state, self.runs, tuple(self.changes), tuple(self.effects), tuple(self.settled), self.durable
        )
