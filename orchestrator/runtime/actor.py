"""One task in the hands of the worker that owns it: events in, writes out, effects once the write is durable."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Protocol

from kernel.contracts.plugin_invoker import CallRecord, PluginCall, PluginResult, PluginState
from orchestrator.engine.effects import (
    Advanced,
    CancelNode,
    DeliverCallback,
    Effect,
    ExecuteNode,
    Invocation,
    PollNode,
    SetTimer,
    Settled,
    TaskEnded,
    WaitingChanged,
)
from orchestrator.engine.events import Event, NodeResult, TimerFired
from orchestrator.engine.machine import advancing, resume
from orchestrator.engine.model import Run, State
from orchestrator.engine.states import ENDED
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NotifyNode, PluginNode
from orchestrator.runtime.batch import Batch
from orchestrator.runtime.cancelling import Cancelling, is_wanted, still_wanted
from orchestrator.runtime.codec import same_row
from orchestrator.runtime.facts import TaskFacts
from orchestrator.runtime.messages import message_event
from orchestrator.runtime.outputs import final_outputs
from orchestrator.runtime.results import result_event
from orchestrator.runtime.store import Cancellation, Message, TaskWrite

LocalPlugin = Callable[[PluginCall], PluginResult]
"""A plugin that touches nothing outside: it may run before its start is durable, and again after a crash."""

BURST = 500
"""Local results taken into one write; more would make a slow commit of a long chain."""
RETAIN_SECONDS = 2.0
"""A task whose next poll is nearer than this stays with its owner."""


class Surface(Protocol):
    """What an actor needs of its worker."""

    def now(self) -> float: ...

    def write(self, actor: "TaskActor", write: TaskWrite) -> None:
        """Queues a write; `TaskActor.committed` is called when it is durable, `TaskActor.lost` when it was refused."""
        ...

    def invoke(self, actor: "TaskActor", invocation: Invocation) -> None:
        """Has the plugin called; the answer comes back as `TaskActor.answered`."""
        ...

    def local(self, node: PluginNode | NotifyNode) -> LocalPlugin | None: ...

    def call_of(self, actor: "TaskActor", invocation: Invocation) -> PluginCall:
        """For a local plugin, which has no callbacks: it answers at once."""
        ...

    def waiting_changed(self) -> None:
        """Something waits for a lock or an event, or a lock became free; that is durable."""
        ...

    def cancelling(self) -> None:
        """Plugins are to be told that node runs are wanted no more; that is durable."""
        ...

    def released(self, actor: "TaskActor") -> None:
        """The task was given back, as its last write said."""
        ...

    def lost(self, actor: "TaskActor") -> None:
        """The task belongs to another worker."""
        ...

    def broke(self, actor: "TaskActor", error: Exception) -> None:
        """The actor could not go on and has ended."""
        ...


class TaskActor:
    """Runs turns one after the other: apply what came in, write, carry out. At most one write is under way."""

    def __init__(self, surface: Surface, facts: TaskFacts, graph: Graph, state: State, fence: int) -> None:
        self._surface = surface
        self.facts = facts
        self.graph = graph
        self.state = state
        self.fence = fence
        self._inbox: list[Event] = []
        self._seen: set[str] = set()  # kept to the end: news read before a message was settled may arrive after it
        self._calls: list[tuple[str, float, CallRecord]] = []
        self._log: list[tuple[str, float, str]] = []
        self._refused: list[Settled] = []
        self._unwritten: dict[str, Run] = {}
        self._cancelling = Cancelling()
        self._cancels = False
        self._written = state
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._writing: Advanced | None = None
        self._turning: Generator[None, None, Advanced] | None = None
        self._scheduled = False
        self.releasing = False
        self.gone = False

    def begin(self, events: list[Event], messages: list[Message]) -> None:
        """The first turn after a claim: repeats what may have been lost, then takes in what waits."""
        self._guarded(lambda: self._begin(events, messages))

    def _begin(self, events: list[Event], messages: list[Message]) -> None:
        again = resume(self.state)
        self._cancelling.resumed(self.state, again)
        for effect in again:
            self._carry_out(effect)
        self._inbox += events
        self._inbox += self._news(messages)
        self._turn()

    def post(self, *events: Event) -> None:
        """Takes events into the next turn."""
        if self.gone:
            return
        self._inbox += events
        self._schedule()

    def take_messages(self, messages: list[Message]) -> None:
        """Takes stored messages; each is taken once."""
        if self.gone:
            return
        self._inbox += self._news(messages)
        if self.waiting_events:
            self._schedule()

    def wants(self, invocation: Invocation) -> bool:
        """Whether the invocation is still to be made: its run may be over since it was asked for."""
        return is_wanted(self.state, invocation)

    def withdrawn(self, invocation: Invocation) -> None:
        """An invocation this actor asked for was not made, being wanted no more."""
        self._cancelling.withdrawn(invocation, self._surface.now())
        if not self.gone:
            self._schedule()

    def answered(self, invocation: Invocation, result: PluginResult) -> None:
        """The answer to an invocation this actor asked for."""
        self._cancelling.answered(invocation, result, self._surface.now())
        if not self.gone:
            self._guarded(lambda: self._take_answer(invocation, result))

    def _take_answer(self, invocation: Invocation, result: PluginResult) -> None:
        now = self._surface.now()
        event = result_event(invocation, result, now)
        self._keep_traces(invocation, result, now)
        self.post(event)

    def committed(self) -> None:
        """The write is durable: now its effects may be carried out."""
        advanced, self._writing = self._writing, None
        if advanced is None or self.gone:
            return
        if any(isinstance(effect, WaitingChanged) for effect in advanced.effects):
            self._surface.waiting_changed()
        if self._cancels:
            self._surface.cancelling()
        if self.releasing:
            self._end()
            self._surface.released(self)
            return
        self._guarded(lambda: self._go_on(advanced.effects))

    def _go_on(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self._carry_out(effect)
        if self.waiting_events:
            self._schedule()

    def lost(self) -> None:
        """The task belongs to another worker: what comes from here on is that one's."""
        if not self.gone:
            self.drop()
            self._surface.lost(self)

    def broke(self, error: Exception) -> None:
        """Something no task should be able to do happened; what is durable is untouched."""
        if not self.gone:
            self.drop()
            self._surface.broke(self, error)

    def drop(self) -> None:
        """Ends without a word: what was not durable was promised to nobody."""
        self._end()
        self._inbox.clear()

    def _end(self) -> None:
        self.gone = True
        self._writing = self._turning = None
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _guarded(self, step: Callable[[], None]) -> None:
        """One task's trouble must stop neither the writer nor the claims of the others."""
        try:
            step()
        except Exception as error:  # noqa: BLE001  whatever it is, it is this task's
            self.broke(error)

    @property
    def waiting_events(self) -> bool:
        return bool(self._inbox or self._refused or self._cancelling.found)

    def _news(self, messages: list[Message]) -> list[Event]:
        news = [message for message in messages if message.id not in self._seen]
        self._seen.update(message.id for message in news)
        now = self._surface.now()
        events = []
        for message in news:
            event = message_event(message, now)
            if event is None:
                self._refused.append(Settled(message.id, f"this version knows no {message.kind}"))
            else:
                events.append(event)
        return events

    def _schedule(self) -> None:
        if self._is_between_turns and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._scheduled_turn)

    def _scheduled_turn(self) -> None:
        self._scheduled = False
        if self._is_between_turns and not self.gone:
            self._guarded(self._turn)

    @property
    def _is_between_turns(self) -> bool:
        return self._writing is None and self._turning is None

    def _turn(self) -> None:
        self._turning = self._advance()
        self._go_through()

    def _go_through(self) -> None:
        """A part of the turn, and the next once others have had theirs: the gateway may live in this process."""
        if self._turning is None:
            return
        try:
            next(self._turning)
        except StopIteration as ended:
            self._turning = None
            self._turned(ended.value)
        else:
            asyncio.get_running_loop().call_soon(self._guarded, self._go_through)

    def _turned(self, advanced: Advanced) -> None:
        self.state = advanced.state
        self._unwritten.update(advanced.runs)
        cancellations = self._cancellations(advanced)
        if cancellations:
            advanced = replace(advanced, effects=still_wanted(self.state, advanced.effects))
        idle = self._is_idle(advanced)
        if not (advanced.durable or idle or self._calls or self._log or cancellations):
            self._go_on(advanced.effects)
            return
        self.releasing = idle
        self._writing = advanced
        self._cancels = bool(cancellations)
        calls, self._calls = self._calls, []
        log, self._log = self._log, []
        runs, self._unwritten = self._unwritten, {}
        write = TaskWrite(
            self.fence,
            advanced.state,
            list(runs.values()),
            advanced.changes,
            advanced.settled,
            calls,
            log,
            final_outputs(self.graph.flow, self.state, self.facts.surroundings),
            idle,
            cancellations,
            same_row(self._written, advanced.state),
        )
        self._written = advanced.state
        self._surface.write(self, write)

    def _advance(self) -> Generator[None, None, Advanced]:
        """Applies the inbox, and what local plugins answer to it, as one batch."""
        events: list[Event] = self._inbox
        self._inbox = []
        batch = Batch(self.state)
        if self._refused:
            batch.add(Advanced(self.state, settled=tuple(self._refused), durable=True))
            self._refused = []
        while True:
            batch.add((yield from advancing(self.graph, batch.state, events, self.facts.surroundings)))
            events = []
            while batch.pending and len(events) < BURST:
                effect = batch.pending.popleft()
                answer = self._local_answer(effect) if batch.local < BURST else None
                if answer is None:
                    batch.effects.append(effect)
                else:
                    batch.local += 1
                    events.append(answer)
            if not events:
                return batch.advanced()

    def _local_answer(self, effect: Effect) -> NodeResult | None:
        if not isinstance(effect, ExecuteNode | PollNode | DeliverCallback):
            return None
        local = self._local(effect.node)
        if local is None:
            return None
        call = self._surface.call_of(self, effect)
        try:
            result = local(call)
        except Exception as error:  # noqa: BLE001  a plugin that raises fails its node
            result = PluginResult(PluginState.FAIL, error=f"{call.plugin} failed: {error}", storage=call.storage)
        now = self._surface.now()
        self._keep_traces(effect, result, now)
        return result_event(effect, result, now)

    def _local(self, path: str) -> LocalPlugin | None:
        node = self.graph.nodes[path]
        return self._surface.local(node) if isinstance(node, PluginNode | NotifyNode) else None

    def _cancellations(self, advanced: Advanced) -> list[Cancellation]:
        """What is to be cancelled outside; local plugins have nothing there."""
        found = self._cancelling.take(self.state, advanced.effects, self._surface.now())
        return [wanted for wanted in found if self._local(wanted.node) is None]

    def _keep_traces(self, invocation: Invocation, result: PluginResult, now: float) -> None:
        self._calls += [(invocation.run, now, call) for call in result.calls]
        self._log += [(invocation.run, now, line) for line in result.log]

    def _is_idle(self, advanced: Advanced) -> bool:
        """Whether nothing is left to do before a message or a distant timer comes."""
        if self._cancelling.invoking or self._inbox:
            return False
        for effect in advanced.effects:
            if isinstance(effect, ExecuteNode | PollNode | DeliverCallback):
                return False
        nearest = min((run.due for run in self._live_runs() if run.due is not None), default=None)
        return nearest is None or nearest > self._surface.now() + RETAIN_SECONDS

    def _live_runs(self) -> list[Run]:
        return [self.state.runs[name] for name in self.state.live]

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case SetTimer():
                self._set_timer(effect)
            case TaskEnded() | WaitingChanged() | CancelNode():
                pass
            case _:
                answer = self._local_answer(effect)
                if answer is not None:
                    self.post(answer)
                    return
                self._cancelling.sent(effect)
                self._surface.invoke(self, effect)

    def _set_timer(self, timer: SetTimer) -> None:
        """One per node: a later one replaces the one before."""
        before = self._timers.pop(timer.node, None)
        if before is not None:
            before.cancel()
        wait = max(0.0, timer.at - self._surface.now())
        self._timers[timer.node] = asyncio.get_running_loop().call_later(wait, self._fire, timer)

    def _fire(self, timer: SetTimer) -> None:
        self._timers.pop(timer.node, None)
        self.post(TimerFired(max(self._surface.now(), timer.at), timer.node, timer.run))

    @property
    def ended(self) -> bool:
        return self.state.status in ENDED and not self.state.live
