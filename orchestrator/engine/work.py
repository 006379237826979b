from collections import deque
from collections.abc import Mapping
from typing import Any

from orchestrator.engine.effects import (
    Advanced,
    Change,
    Effect,
    NodeChange,
    OperationDone,
    Settled,
    TaskChange,
    TaskEnded,
)
from orchestrator.engine.model import Fork, Run, State, Surroundings, Token
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.graph import Graph

_MOVING = frozenset({TaskState.RUNNING, TaskState.FAILED})


class Work:
    """The mutable working copy one batch of events is applied to; the state it began with stays as it was."""

    def __init__(self, graph: Graph, state: State, surroundings: Surroundings) -> None:
        self.graph = graph
        self.task_id = state.task_id
        self.status = state.status
        self.runs = dict(state.runs)
        self.live = set(state.live)
        self.failed = set(state.failed)
        self.forks = dict(state.forks)
        self.held = list(state.held)
        self.callbacks = list(state.callbacks)
        self.outputs = dict(state.outputs)
        self.counter = state.counter
        self.sequence = state.sequence
        self.started = state.started
        self.finished = state.finished
        self.now = 0.0
        self.tokens: deque[Token] = deque()
        self.values: dict[str, Any] = {
            "inputs": surroundings.inputs,
            "nodes": self.outputs,
            "task": surroundings.task,
            "project": surroundings.project,
        }
        self.touched: dict[str, Run] = {}
        self.changes: list[Change] = []
        self.effects: list[Effect] = []
        self.settled: list[Settled] = []
        self.durable = False

    @property
    def moving(self) -> bool:
        """Whether nodes may begin."""
        return self.status in _MOVING

    def live_run(self, run_id: str) -> Run | None:
        """The run of this id if it is the latest of its node and under way."""
        for node in self.live:
            if (run := self.runs[node]).id == run_id:
                return run
        return None

    def begin(
        self,
        token: Token,
        state: NodeState,
        *,
        inputs: Mapping[str, Any] | None = None,
        error: str | None = None,
        busy: bool = False,
    ) -> Run:
        """A new run of the token's node, at once in the given state."""
        self.counter += 1
        node = token.node
        before = self.runs.get(node)
        attempt = 0 if state is NodeState.NOT_TAKEN else 1 if before is None else before.attempt + 1
        finished = None if state in LIVE else self.now
        run = Run(
            f"{self.task_id}.{self.counter}",
            node,
            attempt,
            state,
            token.fork,
            self.now,
            1 if busy else 0,
            busy,
            None,
            None,
            inputs,
            None,
            None,
            error,
            finished,
        )
        self.put(run)
        return run

    def put(self, run: Run, *, record: bool = True) -> None:
        """Makes ``run`` the latest of its node; with ``record`` it shows in the history."""
        node = run.node
        self.runs[node] = run
        self.touched[run.id] = run
        if run.state in LIVE:
            self.live.add(node)
        else:
            self.live.discard(node)
        if run.state is NodeState.FAILED:
            self.failed.add(node)
        else:
            self.failed.discard(node)
        if record:
            self.durable = True
            self.sequence += 1
            self.changes.append(
                NodeChange(
                    self.sequence, self.now, node, run.state, run.id, run.attempt, run.started, run.finished, run.error
                )
            )

    def keep_outputs(self, node: str, outputs: Mapping[str, Any]) -> None:
        self.outputs[node] = {"outputs": outputs}

    def send(self, node: str, fork: str | None) -> None:
        """A token onwards from a node over its only edge."""
        for edge in self.graph.outgoing[node]:
            self.tokens.append(Token(edge.target, fork))

    def open_fork(self, run: Run, branches: int) -> None:
        self.forks[run.id] = Fork(run.fork, branches, 0)

    def become(self, status: TaskState) -> None:
        """The task takes a state."""
        if status is self.status:
            return
        self.status = status
        self.durable = True
        if status in ENDED:
            self.finished = self.now
            self.effects.append(TaskEnded(status))
        self.sequence += 1
        self.changes.append(TaskChange(self.sequence, self.now, status))

    def record_operation(self, operation: str, node: str | None, actor: str) -> None:
        self.durable = True
        self.sequence += 1
        self.changes.append(OperationDone(self.sequence, self.now, operation, node, actor))

    def settle(self, message: str | None, reason: str | None = None) -> None:
        if message is not None:
            self.durable = True
            self.settled.append(Settled(message, reason))

    def derive_status(self) -> None:
        """What the task is now that no token moves: running while a node is, failed when only failures are left."""
        if not self.moving:
            return
        if self.live:
            self.become(TaskState.RUNNING)
        elif self.failed:
            self.become(TaskState.FAILED)
        else:
            self.become(TaskState.FINISHED)

    def advanced(self) -> Advanced:
        """The outcome, as immutable values."""
        state = State(
            self.task_id,
            self.status,
            self.runs,
            frozenset(self.live),
            frozenset(self.failed),
            self.forks,
            tuple(self.held),
            tuple(self.callbacks),
            self.outputs,
            self.counter,
            self.sequence,
            self.started,
            self.finished,
        )
        return Advanced(
            state,
            self.touched,
            tuple(self.changes),
            tuple(self.effects),
            tuple(self.settled),
            self.durable,
        )
