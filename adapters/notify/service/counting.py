"""Counts of deliveries of this process, for its metrics."""

from collections import Counter


class DeliveryCounts:
    """How attempts left deliveries, by kind of message and state."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, msg_type: str, state: str) -> None:
        self._counts[msg_type, state] += 1

    def snapshot(self) -> dict[tuple[str, str], int]:
        return dict(self._counts)
