"""Which entries of a task's history stand in the rows of its node runs, and which need rows of their own. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.engine.effects import Change, NodeChange
from orchestrator.engine.model import Run
from orchestrator.engine.states import NodeState


@dataclass(slots=True)
class Divided:
    """Attributes:
    begun, finished: node run → sequence of the entry that says it began to run, or finished.
    others: what those rows can't tell: they say how a run is, not all it has been.
    """

    begun: dict[str, int] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    others: list[Change] = field(default_factory=list)


def divide(changes: Iterable[Change], runs: Mapping[str, Run]) -> Divided:
    """Args:
    runs: those the changes are about, by id, as they are written with them.
    """
    divided = Divided()
    for change in changes:
        if isinstance(change, NodeChange) and change.error is None:
            run = runs[change.run]
            if change.state is NodeState.RUNNING and change.at == run.started:
                divided.begun[run.id] = change.sequence
                continue
            if change.state is NodeState.FINISHED and change.at == run.finished:
                divided.finished[run.id] = change.sequence
                continue
        divided.others.append(change)
    return divided
