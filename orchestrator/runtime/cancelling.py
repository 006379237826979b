"""Which calls of one task are to be cancelled, and what their plugins said last of what they do."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from orchestrator.engine.effects import CancelNode, DeliverCallback, Effect, ExecuteNode, Invocation, PollNode
from orchestrator.engine.model import State
from orchestrator.engine.states import TaskState
from orchestrator.runtime.store import Cancellation

FIRST_ANSWER_SECONDS: Final = 240.0
"""How long the first answer of a run is waited for before its plugin is told without it: more than a call takes. After
a crash it may never come, and without it hardly a plugin knows what is meant."""
ANSWER_SECONDS: Final = 30.0
"""As above, of a later answer: what the one before said is good for most plugins."""
_INVOCATIONS = (ExecuteNode, PollNode, DeliverCallback)
_WAITS = frozenset({PluginState.POLL, PluginState.CALLBACK})


class Cancelling:
    """Only what a plugin answers tells what it began: while an invocation is under way, its answer is waited for."""

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        self._awaited: set[str] = set()
        self._perhaps_begun: set[str] = set()
        self._said: dict[str, Mapping[str, Any]] = {}
        self._found: list[Cancellation] = []

    @property
    def invoking(self) -> bool:
        """Whether an invocation is under way."""
        return bool(self._under_way)

    @property
    def found(self) -> bool:
        """Whether there is something to be written."""
        return bool(self._found)

    def resumed(self, state: State, effects: Sequence[Effect]) -> None:
        """What is begun again after a crash may have been begun before; in a revoked task it was to be cancelled."""
        self._perhaps_begun.update(effect.run for effect in effects if isinstance(effect, ExecuteNode))
        if state.status is TaskState.REVOKED:
            self._awaited.update(effect.run for effect in effects if isinstance(effect, _INVOCATIONS))

    def sent(self, invocation: Invocation) -> None:
        self._under_way.add(invocation.run)

    def answered(self, invocation: Invocation, result: PluginResult, now: float) -> None:
        run = invocation.run
        self._under_way.discard(run)
        self._perhaps_begun.discard(run)
        waits = result.state in _WAITS
        if waits:
            self._said[run] = result.storage
        if run in self._awaited:
            self._awaited.discard(run)
            storage = result.storage if waits else _sent_with(invocation)
            over = not waits and result.answered
            self._found.append(Cancellation(run, invocation.node, now, None if over else now, storage))

    def withdrawn(self, invocation: Invocation, now: float) -> None:
        """The invocation was not made: its run was over before its turn came."""
        run = invocation.run
        self._under_way.discard(run)
        if run in self._awaited:
            self._awaited.discard(run)
            self._found.append(self._withdrawn(invocation, now))

    def take(self, state: State, effects: Sequence[Effect], now: float) -> list[Cancellation]:
        """What the turn that led to ``state`` and ``effects`` is to write."""
        if wanted := [effect for effect in effects if isinstance(effect, CancelNode)]:
            asked = {effect.run: effect for effect in effects if isinstance(effect, _INVOCATIONS)}
            for effect in wanted:
                self._ask(state, effect, asked.get(effect.run), now)
        self._said.clear()
        found, self._found = self._found, []
        return found

    def _ask(self, state: State, wanted: CancelNode, asked: Invocation | None, now: float) -> None:
        run = wanted.run
        if asked is not None and not is_wanted(state, asked):
            self._found.append(self._withdrawn(asked, now))
        elif asked is not None or run in self._under_way:
            self._awaited.add(run)
            patience = FIRST_ANSWER_SECONDS if wanted.storage is None else ANSWER_SECONDS
            self._found.append(Cancellation(run, wanted.node, now, now + patience, wanted.storage))
        elif run in self._said or not wanted.busy:
            self._found.append(Cancellation(run, wanted.node, now, now, self._said.get(run, wanted.storage)))

    def _withdrawn(self, invocation: Invocation, now: float) -> Cancellation:
        """Of one that was not made: what was begun before it, or before a crash, is there all the same."""
        run = invocation.run
        over = isinstance(invocation, ExecuteNode) and run not in self._perhaps_begun
        self._perhaps_begun.discard(run)
        return Cancellation(run, invocation.node, now, None if over else now, _sent_with(invocation))


def is_wanted(state: State, invocation: Invocation) -> bool:
    """Whether the run still waits for this invocation's answer."""
    run = state.runs.get(invocation.node)
    return run is not None and run.id == invocation.run and run.busy and run.step == invocation.step


def still_wanted(state: State, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Without invocations of runs that were over before they could be made."""
    return tuple(effect for effect in effects if not isinstance(effect, _INVOCATIONS) or is_wanted(state, effect))


def _sent_with(invocation: Invocation) -> Mapping[str, Any] | None:
    """What the answer before had kept; none of the first invocation of a run."""
    return None if isinstance(invocation, ExecuteNode) else invocation.storage
