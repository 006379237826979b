"""Plays the runtime and the world for a task, in an order drawn by chance, and holds every step to the invariants."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from orchestrator.engine.effects import (
    Advanced,
    CancelNode,
    DeliverCallback,
    ExecuteNode,
    Invocation,
    PollNode,
    SetTimer,
    TaskEnded,
)
from orchestrator.engine.events import (
    CallbackReceived,
    Event,
    ForceFailRequested,
    NodeResult,
    Outcome,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    SkipRequested,
    TimerFired,
)
from orchestrator.engine.invariants import breaches, breaches_at_rest
from orchestrator.engine.machine import advance, resume
from orchestrator.engine.model import Run, State, Surroundings
from orchestrator.engine.states import CALLED, ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.paths import static
from tests.orchestrator.engine.play import forgetful, reloaded
from tests.orchestrator.engine.series import Step


class Driver:
    """Plays the runtime and the world, in an order drawn by chance."""

    def __init__(self, graph: Graph, steps: dict[str, Step], chance: random.Random) -> None:
        self.graph, self.steps, self.chance = graph, steps, chance
        self.rows: dict[str, Run] = {}
        self.state = State("t")
        self.now = 0.0
        self.in_flight: list[Invocation] = []
        self.timers: list[SetTimer] = []
        self.answered: list[Event] = []
        self.answers: Counter[tuple[str, str]] = Counter()
        self.called_back: dict[str, int] = {}
        self.forced: Counter[tuple[str, int]] = Counter()
        self.changes: list[Any] = []
        self.ended: list[TaskState] = []
        self.executed: Counter[str] = Counter()
        self.settled: Counter[str] = Counter()
        self.cancelled: Counter[str] = Counter()

    def apply(self, *events: Event) -> Advanced:
        before = self.state
        frozen = repr(before)
        advanced = advance(self.graph, before, events, Surroundings())
        assert repr(before) == frozen
        self.state = advanced.state
        self.changes += advanced.changes
        self.rows |= advanced.runs
        for effect in advanced.effects:
            match effect:
                case SetTimer():
                    self.timers.append(effect)
                case TaskEnded(status):
                    self.ended.append(status)
                case CancelNode(node, run, storage, busy):
                    assert before.runs[node].id == run
                    assert (storage, busy) == (before.runs[node].storage, before.runs[node].busy)
                    self.cancelled[run] += 1
                case _:
                    self.in_flight.append(effect)
                    if isinstance(effect, ExecuteNode):
                        self.executed[effect.run] += 1
        self.settled.update(settled.message for settled in advanced.settled)
        self.check()
        self.check_cancelled(before, events)
        return advanced

    def check(self) -> None:
        """What holds after every step."""
        state = self.state
        assert list(breaches(self.graph, state)) == []
        assert all(run.due is None for run in self.rows.values() if run.state not in LIVE)
        if not self.in_flight:
            assert list(breaches_at_rest(self.graph, state)) == []
        assert state.open == {name for name, run in state.runs.items() if run.is_open}
        assert state.live == {name for name, run in state.runs.items() if run.state in LIVE} - state.open
        assert state.failed == {name for name, run in state.runs.items() if run.state is NodeState.FAILED}
        assert [change.sequence for change in self.changes] == list(range(1, state.sequence + 1))
        assert sum(run.busy for run in state.runs.values()) == len(self.in_flight)
        assert all(state.runs[name].fork in {None, *state.forks} for name in state.live | state.failed)
        if state.status is TaskState.RUNNING:
            assert state.live
        if state.status is TaskState.FAILED:
            assert state.failed
            assert not state.live
        if state.status is TaskState.FINISHED:
            assert not state.live
            assert not state.failed
            assert not state.forks
            assert not state.held
            assert not state.open

    def check_cancelled(self, before: State, events: Sequence[Event]) -> None:
        """Told once is each plugin whose run ended before it answered, or whose task was revoked, and no other."""
        answered = {event.run for event in events if isinstance(event, NodeResult)}
        revoked = self.state.status is TaskState.REVOKED and before.status is not TaskState.REVOKED
        for name, run in before.runs.items():
            if run.state in CALLED and run.step and run.id not in answered and before.status is not TaskState.REVOKED:
                now = self.rows[run.id]
                over = now.state not in CALLED
                assert self.cancelled[run.id] == (over or revoked), name
        assert set(self.cancelled.values()) <= {1}

    def answer(self, effect: Invocation) -> NodeResult:
        """What the plugin says: first polls, then callbacks, then the attempt's end."""
        step = self.steps[static(effect.node)]
        attempt = self.own_attempt(self.state.runs[effect.node])
        kind = "callback" if isinstance(effect, DeliverCallback) else "asked"
        self.answers[effect.run, kind] += 1
        asked, called_back = self.answers[effect.run, "asked"], self.answers[effect.run, "callback"]
        if asked <= step.polls:
            outcome = Outcome.POLL
        elif called_back < step.callbacks:
            outcome = Outcome.CALLBACK
        else:
            outcome = Outcome.FAILED if attempt <= step.failures else Outcome.FINISHED
        return NodeResult(
            self.now,
            effect.node,
            effect.run,
            effect.step,
            outcome,
            outputs={"attempt": attempt},
            storage={"asked": asked},
            error="wanted" if outcome is Outcome.FAILED else None,
            poll_at=self.now + 1 if outcome is Outcome.POLL else None,
        )

    def own_attempt(self, run: Run) -> int:
        """Its attempt, without those that somebody made fail."""
        return run.attempt - self.forced[run.node, run.loop]

    def moves(self) -> list[Event]:
        """Everything that may happen next."""
        moves: list[Event] = [TimerFired(timer.at, timer.node, timer.run) for timer in self.timers]
        if self.state.status not in ENDED:
            moves += [ResumeNodeRequested(self.now, name) for name in sorted(self.state.paused)]
        for name in sorted(self.state.live):
            run = self.state.runs[name]
            if run.state is NodeState.SUSPENDED:
                moves.append(ResumeNodeRequested(self.now, name))
                continue
            sent = self.called_back.get(run.id, 0)
            if sent < self.steps[static(name)].callbacks:
                moves.append(CallbackReceived(self.now, f"{run.id}/{sent}", run.id, {"n": sent}))
        for name in self.state.failed:
            if any(token.node == name for token in self.state.held):
                continue
            step, run = self.steps[static(name)], self.state.runs[name]
            skip = step.end == "SKIPPED" and self.own_attempt(run) == step.failures
            moves.append(SkipRequested(self.now, name) if skip else RetryRequested(self.now, name))
        if self.state.status is TaskState.SUSPENDED:
            moves.append(ResumeRequested(self.now))
        return moves

    def quiet_step(self) -> None:
        """Answers what is under way; nobody operates and nothing is repeated."""
        self.now += 1
        quiet = [move for move in self.moves() if isinstance(move, TimerFired | CallbackReceived)]
        self.take(self.chance.choice([*self.in_flight, *quiet]))

    def step(self) -> None:
        self.now += 1
        noise = self.chance.random()
        if self.answered and noise < 0.15:
            again = self.chance.choice(self.answered)
            if not isinstance(again, CallbackReceived) or again.message not in self.settled:  # the store's part
                self.apply(again)
            return
        if noise < 0.2 and self.state.status in {TaskState.RUNNING, TaskState.FAILED}:
            self.apply(PauseRequested(self.now))
            return
        if noise < 0.25:
            self.apply(PauseNodeRequested(self.now, self.chance.choice(self.graph.members[""])))
            return
        if noise < 0.3 and self.state.status is TaskState.RUNNING:
            self.force_fail()
            return
        choices: list[Any] = [*self.in_flight, *self.moves()]
        if choices:
            self.take(self.chance.choice(choices))

    def force_fail(self) -> None:
        """Somebody ends an attempt; what its plugin says later is told nobody."""
        called = [name for name in sorted(self.state.live) if self.state.runs[name].state in CALLED]
        forceable = [name for name in called if self.steps[static(name)].settings == {}]
        if not forceable:
            return
        run = self.state.runs[self.chance.choice(forceable)]
        late = [effect for effect in self.in_flight if effect.run == run.id]
        self.answered += [self.answer(effect) for effect in late]
        self.in_flight = [effect for effect in self.in_flight if effect.run != run.id]
        self.forced[run.node, run.loop] += 1
        self.apply(ForceFailRequested(self.now, run.node))

    def take(self, chosen: Any) -> None:
        if isinstance(chosen, ExecuteNode | PollNode | DeliverCallback):
            self.in_flight.remove(chosen)
            event: Event = self.answer(chosen)
        else:
            event = chosen
        if isinstance(event, TimerFired):
            self.timers = [timer for timer in self.timers if (timer.run, timer.at) != (event.run, event.at)]
        if isinstance(event, CallbackReceived):
            self.called_back[event.run] = self.called_back.get(event.run, 0) + 1
        if isinstance(event, NodeResult | TimerFired | CallbackReceived):
            self.answered.append(event)
        self.apply(event)


def crash(driver: Driver) -> None:
    """What a reload gives: invocations under way are forgotten, undelivered callbacks come again."""
    state = driver.state
    lost = [effect for effect in driver.in_flight if isinstance(effect, DeliverCallback)]
    undelivered = [(callback.id, callback.run, callback.data) for callback in state.callbacks]
    undelivered += [(state.runs[effect.node].callback or "", effect.run, effect.data) for effect in lost]
    driver.state = reloaded(state, driver.rows)
    assert driver.state == forgetful(state)
    driver.in_flight = []
    driver.timers = []
    driver.answered = []
    for effect in resume(driver.state):
        match effect:
            case ExecuteNode():
                driver.in_flight.append(effect)
            case SetTimer():
                driver.timers.append(effect)
            case _:
                raise AssertionError(effect)
    for message, run, data in sorted(undelivered, key=lambda each: each[0]):
        driver.apply(CallbackReceived(driver.now, message, run, data))
