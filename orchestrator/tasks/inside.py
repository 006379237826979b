"""What is shown of what runs inside nodes: a loop may have ten thousand items. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from orchestrator.engine.states import LIVE, NodeState
from orchestrator.flow.paths import ancestors

SHOWN_ITEMS: Final = 100
"""Items of one loop that the view of a task tells, with what runs inside them; others are asked for."""


class HasState(Protocol):
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Items:
    """How the items of a loop stand.

    Attributes:
        ranked: paths of those that began, those that failed or hold what did first, then those under way, then the
            rest; each by its place in the list.
        counts: state → how many are in it; an item under way that holds what failed counts as failed.
    """

    ranked: tuple[str, ...]
    counts: Mapping[NodeState, int]


def items_by_loop(runs: Mapping[str, HasState]) -> dict[str, Items]:
    """Loop → its items."""
    troubled = _troubled(runs)
    found: dict[str, list[tuple[int, int, str, NodeState]]] = {}
    for path, run in runs.items():
        if path.endswith("]"):
            loop, _, index = path[:-1].rpartition("[")
            state = _shown_state(path, run, troubled)
            found.setdefault(loop, []).append((_rank(state), int(index), path, state))
    return {
        loop: Items(tuple(path for *_, path, _state in sorted(items)), Counter(state for *_, state in items))
        for loop, items in found.items()
    }


def of_node(path: str, runs: Mapping[str, HasState]) -> Items:
    """What ran directly inside a node: the items of a loop, or the nodes of a flow in the order they began."""
    loop = items_by_loop(runs).get(path)
    if loop is not None:
        return loop
    direct = tuple(each for each in runs if next(ancestors(each), None) == path)
    troubled = _troubled(runs)
    return Items(direct, Counter(_shown_state(each, runs[each], troubled) for each in direct))


def in_state(items: Items, runs: Mapping[str, HasState], wanted: NodeState | None) -> list[str]:
    """Of its items those in a state as `Items.counts` counts them, in their rank."""
    if wanted is None:
        return list(items.ranked)
    troubled = _troubled(runs)
    return [path for path in items.ranked if _shown_state(path, runs[path], troubled) is wanted]


def hidden(loops: Mapping[str, Items]) -> frozenset[str]:
    """Items that the view of a task leaves out, and all that lies in them."""
    return frozenset(path for items in loops.values() for path in items.ranked[SHOWN_ITEMS:])


def shown(paths: Iterable[str], left_out: frozenset[str]) -> Iterator[str]:
    """Of the paths those that are no hidden items, and lie in none."""
    if not left_out:
        yield from paths
        return
    for path in paths:
        if path not in left_out and left_out.isdisjoint(ancestors(path)):
            yield path


def still_counts(path: str, runs: Mapping[str, HasState]) -> bool:
    """Whether all it lies in still runs: a subflow that was skipped, or passed over, took what failed in it along."""
    return all(runs[outer].state == NodeState.RUNNING for outer in ancestors(path) if outer in runs)


def _troubled(runs: Mapping[str, HasState]) -> frozenset[str]:
    """Whatever something failed inside, at whatever depth, that still counts."""
    failed = (path for path, run in runs.items() if run.state == NodeState.FAILED and still_counts(path, runs))
    return frozenset(outer for path in failed for outer in ancestors(path))


def _shown_state(path: str, run: HasState, troubled: frozenset[str]) -> NodeState:
    state = NodeState(run.state)
    return NodeState.FAILED if state is NodeState.RUNNING and path in troubled else state


def _rank(state: NodeState) -> int:
    if state is NodeState.FAILED:
        return 0
    return 1 if state in LIVE else 2
