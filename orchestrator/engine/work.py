from collections import deque
from collections.abc import Mapping
from typing import Any

from orchestrator.engine.effects import (
    Advanced,
    CancelNode,
    Change,
    Effect,
    NodeChange,
    OperationDone,
    Settled,
    TaskChange,
    TaskEnded,
    WaitingChanged,
)
from orchestrator.engine.model import Fork, Run, State, Surroundings, Token
from orchestrator.engine.scopes import Scopes
from orchestrator.engine.states import CALLED, ENDED, HOLDING, KEEPING, LIVE, NodeState, TaskState
from orchestrator.flow.constants import with_constants
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import LOOP_LIMIT, NEVER_HELD, Edge, PluginNode, SubflowNode
from orchestrator.flow.paths import ancestors, inside, local, scope_of

_MOVING = frozenset({TaskState.RUNNING, TaskState.FAILED})
_REACHED = frozenset({NodeState.SUSPENDED, NodeState.WAITING_LOCK})
"""Node states in which a run has not begun yet, and goes on as the run it is."""


class Work:
    """The mutable working copy one batch of events is applied to; the state it began with stays as it was."""

    def __init__(self, graph: Graph, state: State, surroundings: Surroundings) -> None:
        self.graph = graph
        self.task_id = state.task_id
        self.status = state.status
        self.runs = dict(state.runs)
        self.live = set(state.live)
        self.open = set(state.open)
        self.failed = set(state.failed)
        self.forks = dict(state.forks)
        self.held = list(state.held)
        self.paused = state.paused
        self.loops = state.loops
        self.callbacks = list(state.callbacks)
        self.outputs = dict(state.outputs)
        self.scopes = Scopes(state.scoped)
        self.counter = state.counter
        self.sequence = state.sequence
        self.started = state.started
        self.finished = state.finished
        self.inputs = state.inputs
        self.now = 0.0
        self.tokens: deque[Token] = deque()
        self.moved = 0
        self.values: dict[str, Any] = {
            "inputs": surroundings.inputs if state.inputs is None else state.inputs,
            "nodes": self.outputs,
            "task": surroundings.task,
            "project": surroundings.project,
        }
        self.began = state.began
        with_constants(self.values, graph.flow, state.began)
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
        """A new run of the token's node, at once in the given state; one that was held goes on as the run it was."""
        node = token.node
        before = self.runs.get(node)
        lock = None
        if before is not None and before.state in _REACHED:
            identifier, attempt, loop = before.id, before.attempt, before.loop
            lock = before.lock
        else:
            if before is not None and isinstance(self.graph.nodes[node], SubflowNode):
                self._clear(node)
            self.counter += 1
            identifier = f"{self.task_id}.{self.counter}"
            attempt, loop = self._count(token, before, state)
        finished = None if state in LIVE else self.now
        run = Run(
            identifier,
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
            loop,
            lock,
        )
        self.put(run)
        return run

    def _count(self, token: Token, before: Run | None, state: NodeState) -> tuple[int, int]:
        """(attempt, loop) of a run that begins."""
        if state is NodeState.NOT_TAKEN:
            return 0, 0 if before is None else before.loop
        attempt = before.attempt + 1 if token.retry and before is not None else 1
        return attempt, self.pass_of(token)

    def pass_of(self, token: Token) -> int:
        """How often its node is reached with the token."""
        before = self.runs.get(token.node)
        if before is None:
            return 1
        return before.loop if token.retry or before.state in _REACHED else before.loop + 1

    def keep(self, node: str, state: NodeState, outputs: Mapping[str, Any] | None) -> None:
        """What the node came to in an earlier task: a run that is over, without an attempt."""
        self.counter += 1
        identifier = f"{self.task_id}.{self.counter}"
        run = Run(identifier, node, 0, state, None, self.now, outputs=outputs, finished=self.now)
        self.put(run)
        if state is NodeState.IGNORED or (state in KEEPING and outputs is not None):
            self.keep_outputs(run)

    def put(self, run: Run, *, record: bool = True) -> None:
        """Makes ``run`` the latest of its node; with ``record`` it shows in the history."""
        node, state = run.node, run.state
        if run.lock is not None and state not in HOLDING:
            run = run._replace(lock=None)
            self.effects.append(WaitingChanged(node))
        self.runs[node] = run
        self.touched[run.id] = run
        if state is NodeState.RUNNING and not run.step:
            self.open.add(node)
            self.live.discard(node)
        else:
            if state in LIVE:
                self.live.add(node)
            else:
                self.live.discard(node)
            if self.open:
                self.open.discard(node)
        if state is NodeState.FAILED:
            self.failed.add(node)
        elif self.failed:
            self.failed.discard(node)
        if record:
            self.durable = True
            self.sequence += 1
            self.changes.append(
                NodeChange(
                    self.sequence,
                    self.now,
                    node,
                    state,
                    run.id,
                    run.attempt,
                    run.loop,
                    run.started,
                    run.finished,
                    run.error,
                )
            )

    def count(self, loop: Run) -> None:
        """A loop under way has come further: what is kept of its items tells that, see `loops.counted`."""
        self.runs[loop.node] = loop

    def keep_outputs(self, run: Run) -> None:
        """Lets expressions see what the run left."""
        node = run.node
        state = "FINISHED" if run.state is NodeState.FINISHED else run.state.value
        seen = {"outputs": run.outputs or {}, "state": state, "loop": run.loop}
        if "." in node or "[" in node:
            if not node.endswith("]"):  # of an item its loop tells
                self.scopes.keep(scope_of(node), local(node), seen)
        else:
            self.outputs[node] = seen

    def values_at(self, node: str) -> Mapping[str, Any]:
        """What expressions of a node see: in a subflow its inputs and its nodes, never those around it."""
        if "." not in node:
            return self.values
        return self.values_inside(scope_of(node))

    def values_inside(self, container: str) -> Mapping[str, Any]:
        """What the templates of the flow inside a container see."""
        inputs = self.runs[container].inputs or {}
        values = {**self.values, "inputs": inputs, "nodes": self.scopes.nodes(container)}
        return with_constants(values, self.graph.flows[container]) if self.graph.has_constants else values

    def send(self, node: str, fork: str | None) -> None:
        """A token onwards from a node over each of its edges but the one for failures."""
        plain = not (self.loops or self.graph.back or "[" in node)
        for edge in self.graph.onward[node]:
            if plain:
                self.tokens.append(Token(edge.target, fork))
            else:
                self.follow(node, edge, fork)

    def follow(self, node: str, edge: Edge, fork: str | None) -> None:
        """A token from a node over an edge. One that leads back too often fails the node it leads to."""
        target = edge.target if "[" not in node else f"{scope_of(node)}.{local(edge.target)}"
        if edge.id in self.graph.back:
            times = self.loops.get(target, 0) + 1
            limit = edge.limit or LOOP_LIMIT
            if times > limit:
                error = f"the edge {edge.name or local(edge.id)!r} led back as often as it may (limit: {limit})"
                self.begin(Token(target, fork), NodeState.FAILED, error=error)
                return
            self.loops = {**self.loops, target: times}
        elif target in self.loops:
            self.loops = {name: times for name, times in self.loops.items() if name != target}
        self.tokens.append(Token(target, fork))

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

    def hold(self, token: Token) -> None:
        """The token has come to a node somebody wants held; what lies around it stays so."""
        self.paused -= {token.node}
        self.begin(token, NodeState.SUSPENDED, inputs=token.inputs)

    def change_inputs(self, inputs: Mapping[str, Any]) -> None:
        """Nodes that begin from now on see these; constants that are worked out once see what was before."""
        names = self.graph.inputs_named_once
        if names and self.started is not None and self.began is None:
            self.began = {name: value for name, value in self.values["inputs"].items() if name in names}
            with_constants(self.values, self.graph.flow, self.began)
        self.inputs = self.values["inputs"] = inputs

    def is_held(self, node: str) -> bool:
        """Whether somebody wants the node held, or what it lies in; tokens still meet in joins there."""
        if node in self.paused:
            return True
        return self.graph.nodes[node].kind not in NEVER_HELD and self.is_around_held(node)

    def is_around_held(self, node: str) -> bool:
        """Whether somebody wants something held that the node lies in."""
        return any(outer in self.paused for outer in ancestors(node))

    def within(self, container: str) -> list[Run]:
        """The latest runs of everything inside it."""
        return [run for name, run in self.runs.items() if inside(name, container)]

    def cancel(self, run: Run) -> None:
        """Has the plugin told that the run is wanted no more; in a revoked task that was done as it was revoked."""
        node = self.graph.nodes[run.node]
        called = run.state in CALLED and isinstance(node, PluginNode) and node.mock is None
        if called and self.status is not TaskState.REVOKED:
            self.effects.append(CancelNode(run.node, run.id, run.storage, run.busy))

    def close(self, container: str, why: str) -> None:
        """Ends what is under way inside a container: it is over, and nothing in it counts any more."""
        for run in self.within(container):
            if run.state in LIVE:
                self.cancel(run)
                self.drop_callbacks(run, why)
                self.put(run._replace(state=NodeState.REVOKED, busy=False, due=None, callback=None, finished=self.now))
            self.failed.discard(run.node)
            self.forks.pop(run.id, None)
        self.held = [token for token in self.held if not inside(token.node, container)]
        self.tokens = deque(token for token in self.tokens if not inside(token.node, container))
        self.loops = {name: times for name, times in self.loops.items() if not inside(name, container)}

    def _clear(self, container: str) -> None:
        """Forgets what ran inside a container that begins anew."""
        for run in self.within(container):
            del self.runs[run.node]
            self.scopes.forget(run.node)
        self.scopes.forget(container)

    def drop_callbacks(self, run: Run, why: str) -> None:
        """The run is over: callbacks for it are dealt with."""
        self.settle(run.callback)
        for callback in [callback for callback in self.callbacks if callback.run == run.id]:
            self.callbacks.remove(callback)
            self.settle(callback.id, f"the node is over: {why}")

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
            frozenset(self.open),
            frozenset(self.failed),
            self.forks,
            tuple(self.held),
            self.paused,
            self.loops,
            tuple(self.callbacks),
            self.outputs,
            self.scopes.kept,
            self.counter,
            self.sequence,
            self.started,
            self.finished,
            self.inputs,
            self.began,
        )
        return Advanced(
            state,
            self.touched,
            tuple(self.changes),
            tuple(self.effects),
            tuple(self.settled),
            self.durable,
        )
