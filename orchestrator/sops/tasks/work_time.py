"""How long the nodes of a task were at work, without what waits for a person or a moment. Pure.

Source of which kinds those are: TencentBlueKing/bk-sops, gcloud/apigw/docs, get_task_effective_time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from orchestrator.engine.states import NodeState
from orchestrator.flow.model import DECIDING, FORKING, NodeKind
from orchestrator.flow.paths import static
from orchestrator.sops.tasks.named_nodes import NamedNodes

WAITING: Final[Mapping[str, str]] = {
    NodeKind.APPROVAL: "bk_approve",
    NodeKind.CONFIRM: "pause_node",
    NodeKind.WAIT: "pause_node",
    NodeKind.TIMER: "sleep_timer",
}
"""Kind of a node → its code as clients know it."""
_NO_STEPS: Final = frozenset(
    {NodeKind.START, NodeKind.END, NodeKind.JOIN, *DECIDING, *FORKING, NodeKind.SUBFLOW, NodeKind.MAP}
)
"""Those that nodes lie in are at work only while these are."""
_LEFT_OUT: Final = frozenset({NodeState.SKIPPED, NodeState.NOT_TAKEN, NodeState.PENDING})
"""A skipped attempt ends when somebody skips it, however long ago it has failed."""


@dataclass(frozen=True, slots=True)
class Span:
    """One attempt at a node."""

    node: str
    state: NodeState
    start: datetime
    finish: datetime


@dataclass(frozen=True, slots=True)
class WorkTime:
    """Attributes:
    seconds: in which at least one node was at work.
    nodes, waiting: how many steps were reached, and how many of them are those that wait.
    """

    seconds: float
    nodes: int
    waiting: int


def work_time(definition: Mapping[str, Any], spans: Iterable[Span]) -> WorkTime:
    nodes = NamedNodes(definition)
    kinds = {span: nodes.find(static(span.node)).get("kind", "") for span in spans}
    steps = {span: kind for span, kind in kinds.items() if kind and kind not in _NO_STEPS}
    waiting = {span.node for span, kind in steps.items() if kind in WAITING}
    at_work = [span for span in steps if span.node not in waiting and span.state not in _LEFT_OUT]
    return WorkTime(_covered(at_work), len({span.node for span in steps}), len(waiting))


def _covered(spans: Iterable[Span]) -> float:
    """Seconds that lie in any of them; each counts once."""
    total = 0.0
    until: datetime | None = None
    for span in sorted(spans, key=lambda each: each.start):
        start = span.start if until is None else max(span.start, until)
        if span.finish > start:
            total += (span.finish - start).total_seconds()
            until = span.finish
    return total
