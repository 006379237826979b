"""The days, added up for those who look at them."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from orchestrator.insight.durations import added, percentile
from orchestrator.insight.models import FlowDay, NodeDay

MIDDLE: Final = 0.5
MOST: Final = 0.95


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Attributes:
    name: of what they are about: a day, a flow's id, a project's.
    mean, median, p95: seconds of finished tasks; none where none has finished.
    saved: seconds that people would have needed by hand.
    """

    name: str
    finished: int
    failed: int
    revoked: int
    mean: float | None
    median: float | None
    p95: float | None
    saved: float = 0.0


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """Attributes:
    flow_id, node: empty where it is about a plugin.
    plugin, version: empty where it is about a node of another kind.
    """

    flow_id: str
    node: str
    plugin: str
    version: str
    runs: int
    failed: int
    mean: float | None
    median: float | None
    p95: float | None

    @property
    def share(self) -> float:
        """Of attempts that failed."""
        return self.failed / self.runs if self.runs else 0.0


Row = TypeVar("Row")


def task_figures(rows: Iterable[FlowDay], name: Callable[[FlowDay], str], by_hand: dict[str, int]) -> list[TaskFigures]:
    """One for each name, in their order.

    Args:
        by_hand: flow → minutes that one run of it saves.
    """
    return [_tasks(key, found, by_hand) for key, found in sorted(_grouped(rows, name).items())]


def node_figures(rows: Iterable[NodeDay]) -> list[NodeFigures]:
    """One for each node of each flow, the most failures first."""
    found = _grouped(rows, lambda row: (row.flow_id, row.node, row.plugin, row.version))
    return _worst_first(_nodes(key, each) for key, each in found.items())


def plugin_figures(rows: Iterable[NodeDay]) -> list[NodeFigures]:
    """One for each plugin version, the most failures first."""
    found = _grouped((row for row in rows if row.plugin), lambda row: ("", "", row.plugin, row.version))
    return _worst_first(_nodes(key, each) for key, each in found.items())


def every_day(since: dt.date, until: dt.date, figures: Sequence[TaskFigures]) -> list[TaskFigures]:
    """Also the days on which nothing happened."""
    there = {each.name: each for each in figures}
    days = ((since + dt.timedelta(days=number)).isoformat() for number in range((until - since).days + 1))
    return [there.get(day) or TaskFigures(day, 0, 0, 0, None, None, None) for day in days]


def _tasks(name: str, rows: Sequence[FlowDay], by_hand: dict[str, int]) -> TaskFigures:
    finished = sum(row.finished for row in rows)
    durations = added(row.durations for row in rows)
    return TaskFigures(
        name,
        finished,
        sum(row.failed for row in rows),
        sum(row.revoked for row in rows),
        sum(row.seconds for row in rows) / finished if finished else None,
        percentile(durations, MIDDLE),
        percentile(durations, MOST),
        sum(60.0 * by_hand.get(row.flow_id, 0) * row.finished for row in rows),
    )


def _nodes(key: tuple[str, str, str, str], rows: Sequence[NodeDay]) -> NodeFigures:
    runs = sum(row.runs for row in rows)
    durations = added(row.durations for row in rows)
    mean = sum(row.seconds for row in rows) / runs if runs else None
    failed = sum(row.failed for row in rows)
    return NodeFigures(*key, runs, failed, mean, percentile(durations, MIDDLE), percentile(durations, MOST))


def _worst_first(figures: Iterable[NodeFigures]) -> list[NodeFigures]:
    return sorted(figures, key=lambda each: (-each.failed, -each.runs, each.flow_id, each.node, each.plugin))


Key = TypeVar("Key")


def _grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
