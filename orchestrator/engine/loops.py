"""How far loops have come. Their rows tell only how they began: they hold the whole list, and would be written anew for
each of its items.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState

_OVER: Final = frozenset({NodeState.FINISHED, NodeState.IGNORED, NodeState.SKIPPED})
"""States of an item after which its loop goes on."""


class Progress(NamedTuple):
    """Items of one loop that have begun, that are over, and all there are."""

    begun: int
    over: int
    total: int


def progress_of(loop: Run) -> Progress:
    """Raises TypeError: the run is of no loop that has begun."""
    return Progress(**(loop.storage or {}))


def at(loop: Run, progress: Progress) -> Run:
    return loop._replace(storage=progress._asdict())


def counted(runs: Mapping[str, Run], held: Iterable[Token]) -> dict[str, Run]:
    """The loops under way, with the progress that their items tell.

    Args:
        runs: all runs of the task that count, by their nodes.
        held: tokens that wait.
    """
    loops = {name: run for name, run in runs.items() if run.is_open and run.storage is not None}
    if not loops:
        return {}
    begun = Counter(map(_loop_of, {*runs, *(token.node for token in held)}))
    over = Counter(_loop_of(name) for name, run in runs.items() if run.state in _OVER)
    return {name: at(run, Progress(begun[name], over[name], progress_of(run).total)) for name, run in loops.items()}


def _loop_of(path: str) -> str | None:
    return path.rpartition("[")[0] if path.endswith("]") else None
