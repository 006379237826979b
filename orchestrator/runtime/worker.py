"""A worker: claims tasks that have something to do, and has their actors do it."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from kernel.background import Repeating
from kernel.clock import Clock
from kernel.contracts.plugin_invoker import PluginCall, PluginInvoker
from kernel.ids import new_id
from orchestrator.engine.effects import DeliverCallback, Invocation, PollNode
from orchestrator.engine.events import Event, TaskStarted
from orchestrator.engine.model import State
from orchestrator.engine.states import TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NotifyNode, PluginNode
from orchestrator.runtime.actor import LocalPlugin, TaskActor
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.calls import Calls
from orchestrator.runtime.claims import Claims
from orchestrator.runtime.facts import TaskFacts
from orchestrator.runtime.mocks import answering
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.plugin_calls import CallRights, RunOfNode, call_of
from orchestrator.runtime.presence import Presence
from orchestrator.runtime.store import Claimed, Store, StoreBusy, TaskWrite
from orchestrator.runtime.writer import Writer

_log = structlog.get_logger()
_SWEEP_LIMIT = 500


class Worker:
    """Advances tasks of a store until stopped; several may share one store.

    Args:
        callbacks_url: where `<token>` is appended to receive callbacks.
        lock_folder: where this process's life can be seen by others on the machine; none hides it.
        on_waiting: told that something waits for a lock or an event now, or that a lock became free.
        on_cancelling: told that plugins are to be told that node runs are wanted no more.
        rights: what calls may carry and use; without it no secrets, and nothing in another name than the launcher's.
        local_plugins: plugins that touch nothing outside and run inside the engine.
        most_calls: project → how many of its plugin calls may be under way here at once, if there is a quota.
        on_committed: told the id of each task whose transitions became durable.
    """

    def __init__(
        self,
        store: Store,
        invoker: PluginInvoker,
        tokens: CallbackTokens,
        clock: Clock,
        *,
        callbacks_url: str,
        lock_folder: Path | None,
        on_committed: Callable[[str], None],
        on_waiting: Callable[[], None] | None = None,
        on_cancelling: Callable[[], None] | None = None,
        rights: CallRights | None = None,
        local_plugins: Mapping[str, LocalPlugin] | None = None,
        most_calls: Callable[[str], int | None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.id = new_id()
        self._pace = pace or Pace()
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._on_waiting = on_waiting
        self._on_cancelling = on_cancelling
        self._callbacks_url = callbacks_url.rstrip("/")
        self._local_plugins = local_plugins or {}
        self._actors: dict[str, TaskActor] = {}
        self._rights = rights or CallRights(None, None)
        self._calls = Calls(invoker, self._rights, self._pace, most_calls)
        self._writer = Writer(store, clock, on_committed, self._pace.busy)
        self._presence = Presence(store, clock, self.id, lock_folder, self._pace)
        self._claims = Claims(store, clock, self.id, self._pace, self._actors, self._begin)
        self._sweeps = Repeating("task sweep", self._pace.sweep, self._sweep)
        self._orphans = Repeating("task leases", self._pace.orphans, self._find_orphans)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._left: set[str] = set()
        self._partings: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises:
        StoreBusy: the database is away; nothing was started.
        """
        await self._store.open()
        try:
            await self._presence.start()
        except BaseException:
            await self._store.close()
            raise
        self._writer.start()
        self._claims.start()
        self._sweeps.start()
        self._orphans.start()

    async def stop(self) -> None:
        """What is under way is broken off; the tasks go to whoever comes next."""
        await self._sweeps.stop()
        await self._orphans.stop()
        await self._claims.stop()
        for timer in self._timers.values():
            timer.cancel()
        await self._calls.stop()
        await self._writer.stop()
        for actor in list(self._actors.values()):
            actor.drop()
        await asyncio.gather(*self._partings, return_exceptions=True)
        with contextlib.suppress(StoreBusy):  # the leases run out by themselves
            await self._presence.stop()
        await self._store.close()

    @property
    def alive_until(self) -> datetime:
        """Until when others surely see that it lives."""
        return self._presence.alive_until

    def has(self, task_id: str) -> bool:
        """Whether the task is being advanced here."""
        return task_id in self._actors

    def has_room(self) -> bool:
        """Whether one more task's call would find a place at once."""
        return self._claims.tasks < self._pace.calls

    def wake(self, task_id: str) -> None:
        """Says that the task has something to do; a wake-up that is lost costs one sweep."""
        self._claims.want(task_id)

    # What actors ask for: `orchestrator.runtime.actor.Surface`.

    def now(self) -> float:
        return self._clock.now().timestamp()

    def write(self, actor: TaskActor, write: TaskWrite) -> None:
        self._writer.put(actor, write)

    def invoke(self, actor: TaskActor, invocation: Invocation) -> None:
        callback_url = f"{self._callbacks_url}/{self._tokens.token(invocation.run)}"
        self._calls.put(actor, invocation, self.call_of(actor, invocation, callback_url))

    def local(self, node: PluginNode | NotifyNode) -> LocalPlugin | None:
        if node.mock is not None:
            return answering(node.mock)
        return self._local_plugins.get(node.plugin) if isinstance(node, PluginNode) else None

    def call_of(self, actor: TaskActor, invocation: Invocation, callback_url: str = "") -> PluginCall:
        storage = invocation.storage if isinstance(invocation, PollNode | DeliverCallback) else {}
        run = RunOfNode(invocation.run, invocation.node, invocation.inputs, storage)
        ending = actor.state.status is TaskState.REVOKED
        return call_of(actor.facts, actor.graph, run, callback_url, ending=ending)

    def cancelling(self) -> None:
        if self._on_cancelling is not None:
            self._on_cancelling()

    def waiting_changed(self) -> None:
        if self._on_waiting is not None:
            self._on_waiting()

    def released(self, actor: TaskActor) -> None:
        """The task was given back, as its last write said."""
        self._forget(actor)
        if not actor.ended:
            self._claims.keep(actor)
        if actor.waiting_events:
            self.wake(actor.facts.id)

    def lost(self, actor: TaskActor) -> None:
        """The task belongs to another worker."""
        self._forget(actor)

    def broke(self, actor: TaskActor, error: Exception) -> None:
        """The task can't be advanced for now, by a fault of ours: it is left alone for a while."""
        _log.error("task_actor_broke", task=actor.facts.id, exc_info=error)
        self._forget(actor)
        parting = asyncio.get_running_loop().create_task(self._part_from(actor.facts.id))
        self._partings.add(parting)
        parting.add_done_callback(self._partings.discard)

    async def _part_from(self, task_id: str) -> None:
        with contextlib.suppress(StoreBusy):  # then it stays ours by its lease, and the next try takes it up again
            await self._claims.avoid(task_id)

    def _forget(self, actor: TaskActor) -> None:
        if self._actors.get(actor.facts.id) is actor:
            del self._actors[actor.facts.id]
            self._claims.room()

    def _begin(self, claimed: Claimed, graph: Graph, state: State) -> None:
        secrets = self._rights.project_secrets(claimed.task_id, graph)
        facts = TaskFacts.of(claimed.task_id, claimed, claimed.scopes, graph.flow.project_variables, secrets)
        actor = TaskActor(self, facts, graph, state, claimed.fence)
        self._actors[claimed.task_id] = actor
        actor.begin(self._first_events(claimed, state), list(claimed.messages))

    def _first_events(self, claimed: Claimed, state: State) -> list[Event]:
        now = self.now()
        due = claimed.start_at is not None and claimed.start_at <= now
        return [TaskStarted(now)] if state.status is TaskState.CREATED and due else []

    async def _sweep(self) -> bool:
        """The net under every wake-up: due starts, open messages, dead owners, timers. What falls to another worker is
        left to that one; what it hasn't taken by the next sweep is anybody's.
        """
        now = self._clock.now()
        until = now + timedelta(seconds=self._pace.horizon)
        try:
            found = await self._store.sweep(self.id, now, until, _SWEEP_LIMIT)
        except StoreBusy as error:
            _log.warning("task_store_busy", reason=str(error))
            return False
        left, self._left = self._left, set()
        for task_id in found.now:
            if self._presence.falls_to_us(task_id) or task_id in self._actors or task_id in left:
                self.wake(task_id)
            else:
                self._left.add(task_id)
        overdue = self.now() - self._pace.overdue
        for task_id, due in found.timers:
            if self._presence.falls_to_us(task_id) or due < overdue:
                self._wake_at(task_id, due)
        return False

    async def _find_orphans(self) -> bool:
        """Tasks claimed in a transaction whose answer never came back: only we can take them up again."""
        with contextlib.suppress(StoreBusy):
            for task_id in await self._store.owned(self.id):
                if task_id not in self._actors:
                    self.wake(task_id)
        return False

    def _wake_at(self, task_id: str, due: float) -> None:
        if task_id not in self._timers:
            wait = max(0.0, due - self.now())
            self._timers[task_id] = asyncio.get_running_loop().call_later(wait, self._wake_from_timer, task_id)

    def _wake_from_timer(self, task_id: str) -> None:
        self._timers.pop(task_id, None)
        self.wake(task_id)
