"""Draws a flow in a line or two, and plays a task of it by hand."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.engine.effects import Advanced
from orchestrator.engine.events import Event, NodeResult, Operation, Outcome, RetryRequested, TaskStarted, TimerFired
from orchestrator.engine.machine import advance
from orchestrator.engine.model import Run, State, Surroundings
from orchestrator.engine.operations import InvalidOperation, check_operation
from orchestrator.engine.states import NodeState
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.runtime.codec import dump_progress, restore

KINDS = {
    "start": "start",
    "end": "end",
    "fork": "parallel",
    "meet": "join",
    "how": "exclusive",
    "some": "inclusive",
}


def graph(*edges: str, **rest: Any) -> Graph:
    """The graph of ``document``."""
    return Graph(read_flow(document(*edges, **rest)))


def document(
    *edges: str,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    nodes: Mapping[str, Mapping[str, Any]] | None = None,
    limits: Mapping[str, int] | None = None,
    extra: Mapping[str, Any] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Edges as ``source>target[:condition]``, ids ``source-target``.

    ``:default`` and ``:failure`` mark those edges. A name in KINDS, but for digits behind it, is of that kind; others
    are plugins, unless ``nodes``, which has what a node has beside that, says what they are; ``settings`` is what every
    plugin has, ``extra`` what the definition has besides.
    """
    parts = [edge.partition(":") for edge in edges]
    names = dict.fromkeys(name for ends, _, _ in parts for name in ends.split(">"))
    drawn = [_node(name, (inputs or {}).get(name, {}), (nodes or {}).get(name, {}), settings) for name in names]
    ways = [_edge(*ends.split(">"), condition, limits or {}) for ends, _, condition in parts]
    return {"nodes": drawn, "edges": ways, **(extra or {})}


def _node(name: str, inputs: Mapping[str, Any], own: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    kind = own.get("kind") or KINDS.get(name.rstrip("0123456789"))
    if kind is not None:
        return {"id": name, "kind": kind, **own}
    return {"id": name, "kind": "plugin", "plugin": "x", "version": "1", "inputs": inputs, **settings, **own}


def _edge(source: str, target: str, condition: str, limits: Mapping[str, int]) -> dict[str, Any]:
    name = f"{source}-{target}"
    edge: dict[str, Any] = {"id": name, "source": source, "target": target}
    if condition in {"default", "failure"}:
        edge[condition] = True
    elif condition:
        edge["condition"] = condition
    if name in limits:
        edge["limit"] = limits[name]
    return edge


def reloaded(state: State, rows: Mapping[str, Run]) -> State:
    """The state as another process reads it from what was stored."""
    progress = dump_progress(state)
    return restore(
        state.task_id,
        status=state.status,
        progress=None if progress is None else json.loads(progress),
        counter=state.counter,
        sequence=state.sequence,
        started=state.started,
        finished=state.finished,
        runs=[_stored(run) for run in sorted(rows.values(), key=lambda run: int(run.id.rpartition(".")[2]))],
    )


def forgetful(state: State) -> State:
    """The state without what a process that dies takes with it: which invocations were under way."""
    return state._replace(runs={name: _stored(run) for name, run in state.runs.items()}, callbacks=())


def _stored(run: Run) -> Run:
    return run._replace(busy=run.state is NodeState.RUNNING and run.step > 0, callback=None)


class Play:
    """A task begun; ``last`` is what the last events led to. After each step it could be read back as it is."""

    def __init__(self, drawn: Graph, **inputs: object) -> None:
        self.graph, self.surroundings, self.state = drawn, Surroundings(inputs=inputs), State("t")
        self.last = Advanced(self.state)
        self.history: list[Any] = []
        self.rows: dict[str, Run] = {}
        self.do(TaskStarted(0.0))

    def do(self, *events: Event) -> Advanced:
        self.last = advance(self.graph, self.state, events, self.surroundings)
        self.state = self.last.state
        self.history += self.last.changes
        self.rows |= self.last.runs
        assert reloaded(self.state, self.rows) == forgetful(self.state)
        return self.last

    def answer(self, node: str, outcome: Outcome = Outcome.FINISHED, at: float = 1.0, **more: Any) -> Advanced:
        run = self.state.runs[node]
        return self.do(NodeResult(at, node, run.id, run.step, outcome, **more))

    def finish(self, *nodes: str) -> "Play":
        """The plugins of ``nodes`` end well, one after the other."""
        for node in nodes:
            self.answer(node)
        return self

    def fail(self, node: str, error: str = "no disk", at: float = 1.0, **more: Any) -> "Play":
        self.answer(node, Outcome.FAILED, at, error=error, **more)
        return self

    def fire(self, node: str, at: float) -> Advanced:
        """The timer of a node's run."""
        return self.do(TimerFired(at, node, self.state.runs[node].id))

    def retry(self, node: str, at: float = 2.0) -> "Play":
        self.do(RetryRequested(at, node))
        return self

    def refused(self, operation: Operation) -> str:
        """Why an operation is refused; it changes nothing."""
        with pytest.raises(InvalidOperation) as caught:
            check_operation(self.graph, self.state, operation)
        before = self.state
        assert self.do(operation).changes == ()
        assert self.state == before
        return str(caught.value)

    def run(self, node: str) -> Run:
        return self.state.runs[node]

    @property
    def seen(self) -> dict[str, str]:
        return {name: str(run.state) for name, run in self.state.runs.items()}

    @property
    def status(self) -> str:
        return str(self.state.status)
