"""What one task adds to the days of its flow and nodes. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.model import DECIDING, FORKING, NodeKind
from orchestrator.flow.paths import static
from orchestrator.insight.durations import bucket_of
from orchestrator.insight.models import MAX_NODE

_FAILED: Final = frozenset({NodeState.FAILED, NodeState.IGNORED})
_NO_STEPS: Final = {kind.value for kind in (NodeKind.START, NodeKind.END, NodeKind.JOIN, *DECIDING, *FORKING)}


@dataclass(frozen=True, slots=True)
class EndedRun:
    """An attempt at a node."""

    number: int
    path: str
    state: NodeState
    started_at: datetime
    finished_at: datetime


@dataclass(slots=True)
class Tally:
    """Attributes:
    ended: how many ended well, or however where it is about nodes.
    """

    ended: int = 0
    failed: int = 0
    revoked: int = 0
    seconds: float = 0.0
    durations: dict[str, int] = field(default_factory=dict)

    def took(self, seconds: float) -> None:
        self.seconds += seconds
        bucket = bucket_of(seconds)
        self.durations[bucket] = self.durations.get(bucket, 0) + 1


@dataclass(frozen=True, slots=True)
class FlowKey:
    project_id: str
    day: date
    flow_id: str


@dataclass(frozen=True, slots=True)
class NodeKey:
    project_id: str
    day: date
    flow_id: str
    node: str
    plugin: str
    version: str


@dataclass(slots=True)
class Tallies:
    """Of several tasks together."""

    flows: dict[FlowKey, Tally] = field(default_factory=dict)
    nodes: dict[NodeKey, Tally] = field(default_factory=dict)

    def count_task(self, key: FlowKey, state: TaskState, seconds: float) -> None:
        tally = self.flows.setdefault(key, Tally())
        match state:
            case TaskState.FINISHED:
                tally.ended += 1
                tally.took(seconds)
            case TaskState.FAILED:
                tally.failed += 1
            case TaskState.REVOKED:
                tally.revoked += 1

    def count_run(self, key: NodeKey, run: EndedRun) -> None:
        tally = self.nodes.setdefault(key, Tally())
        tally.ended += 1
        tally.failed += run.state in _FAILED
        tally.took(max(0.0, (run.finished_at - run.started_at).total_seconds()))


def to_count(runs: Iterable[EndedRun], state: TaskState, counted: Collection[int]) -> list[EndedRun]:
    """Of a task that has only failed, the failed attempts; of one that has ended, all that weren't counted then."""
    wanted = (run for run in runs if run.number not in counted)
    return [run for run in wanted if run.state in _FAILED] if state is TaskState.FAILED else list(wanted)


class Steps:
    """The nodes of a definition and of the flows that are run inside, by their paths."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._inside: Mapping[str, Any] = definition.get("subflows", {})
        self._own = _by_id(definition)
        self._by_flow: dict[str, dict[str, Mapping[str, Any]]] = {}

    def at(self, path: str) -> Mapping[str, Any] | None:
        """The node that stands at a path; none for what is no step."""
        found: Mapping[str, Any] | None = None
        for name in static(path).split("."):
            found = (self._own if found is None else self._of_flow(found)).get(name)
            if found is None:
                return None
        return None if found is None or found["kind"] in _NO_STEPS else found

    def _of_flow(self, node: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        name = f"{node.get('flow')}@{node.get('revision')}"
        nodes = self._by_flow.get(name)
        if nodes is None:
            nodes = self._by_flow[name] = _by_id(self._inside.get(name, {}))
        return nodes


def _by_id(flow: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {node["id"]: node for node in flow.get("nodes", ())}


def node_key(flow: FlowKey, node: Mapping[str, Any], run: EndedRun) -> NodeKey:
    day = run.finished_at.date()
    name = static(run.path)[:MAX_NODE]
    return NodeKey(flow.project_id, day, flow.flow_id, name, node.get("plugin", ""), node.get("version", ""))
